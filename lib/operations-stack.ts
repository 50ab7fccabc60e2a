import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Costs } from './costs.ts';
import type { DataStack } from './data-stack.ts';
import { AlarmTopics } from './monitoring/alarm-topics.ts';
import { monitorBackup } from './monitoring/backup-alarms.ts';
import { ConsumptionDashboard } from './monitoring/consumption-dashboard.ts';
import { monitorDatabase } from './monitoring/database-alarms.ts';
import { monitorFunction } from './monitoring/function-alarms.ts';
import { OperatorDashboard } from './monitoring/operator-dashboard.ts';
import { monitorQueue } from './monitoring/queue-alarms.ts';
import { StageMonitoring } from './monitoring/stage-monitoring.ts';
import { monitorSweep } from './monitoring/sweep-alarms.ts';
import { monitorUploads } from './monitoring/upload-alarms.ts';
import { monitorVerify } from './monitoring/verify-alarms.ts';
import type { PipelineStack } from './pipeline-stack.ts';
import type { Settings } from './settings/read-settings.ts';

export interface OperationsStackProps extends StackProps {
  readonly settings: Settings;
  readonly data: DataStack;
  readonly pipeline: PipelineStack;
}

/** What watches over the other stacks, and tells people. */
export class OperationsStack extends Stack {
  readonly alarmTopics: AlarmTopics;

  constructor(scope: Construct, id: string, props: OperationsStackProps) {
    super(scope, id, props);
    const { settings, data, pipeline } = props;
    const { key, database, uploadBucket } = data;
    const { parse, load, sweep, verify, rotation, schema } = pipeline;
    this.alarmTopics = new AlarmTopics(this, 'AlarmTopics', { settings, key });
    const monitoring = new StageMonitoring(this, 'Monitoring', { settings, topics: this.alarmTopics });
    monitorUploads(monitoring, { parser: parse.parser, consumer: load.consumer });
    monitorQueue(monitoring, {
      stem: 'Parse',
      messages: parse.uploads,
      content: 'uploads',
      maxAgeMinutes: settings.alarmUploadAgeMinutes,
      maxDepth: settings.alarmUploadDepth,
    });
    monitorFunction(monitoring, { stem: 'Parse', watched: parse.parser, handsOver: true });
    monitorQueue(monitoring, {
      stem: 'Load',
      messages: load.rows,
      content: 'batches',
      maxAgeMinutes: settings.alarmRowAgeMinutes,
      maxDepth: settings.alarmRowDepth,
    });
    monitorFunction(monitoring, { stem: 'Load', watched: load.consumer });
    monitorDatabase(monitoring, database.cluster);
    monitorSweep(monitoring, sweep.sweeper);
    monitorFunction(monitoring, { stem: 'Sweep', watched: sweep.sweeper });
    monitorVerify(monitoring, verify.verifier);
    monitorFunction(monitoring, { stem: 'Verify', watched: verify.verifier });
    monitorFunction(monitoring, { stem: 'Rotation', watched: rotation.rotator });
    monitorFunction(monitoring, { stem: 'Schema', watched: schema.migrate });
    if (settings.backupPlan) monitorBackup(monitoring);
    new Costs(this, 'Costs', { settings });
    new OperatorDashboard(this, 'OperatorDashboard', { monitoring });
    new ConsumptionDashboard(this, 'Consumption', {
      settings,
      functions: [
        parse.parser,
        load.consumer,
        sweep.sweeper,
        verify.verifier,
        rotation.rotator,
        schema.migrate,
      ],
      consumer: load.consumer,
      queues: { uploads: parse.uploads, batches: load.rows },
      bucket: uploadBucket,
      cluster: database.cluster,
    });
  }
}

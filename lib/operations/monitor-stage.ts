import type { Construct } from 'constructs';
import type { DataStack } from '../data/data-stack.ts';
import type { PipelineStack } from '../pipeline/pipeline-stack.ts';
import type { Settings } from '../settings/read-settings.ts';
import { AlarmTopics } from './alarm-topics.ts';
import { monitorBackup } from './backup-alarms.ts';
import { ConsumptionDashboard } from './consumption-dashboard.ts';
import { monitorDatabase } from './database-alarms.ts';
import { monitorFunction } from './function-alarms.ts';
import { OperatorDashboard } from './operator-dashboard.ts';
import { monitorQueue } from './queue-alarms.ts';
import { StageMonitoring } from './stage-monitoring.ts';
import { monitorSweep } from './sweep-alarms.ts';
import { monitorUploads } from './upload-alarms.ts';
import { monitorVerify } from './verify-alarms.ts';

export interface MonitoredStage {
  readonly settings: Settings;
  readonly data: DataStack;
  readonly pipeline: PipelineStack;
}

/** Watches everything that the other stacks of a stage have: alarms by severity, and two dashboards. */
export function monitorStage(scope: Construct, { settings, data, pipeline }: MonitoredStage): void {
  const { key, database, uploadBucket } = data;
  const { parse, load, sweep, verify, rotation, schema } = pipeline;
  const topics = new AlarmTopics(scope, 'AlarmTopics', { settings, key });
  const monitoring = new StageMonitoring(scope, 'Monitoring', { settings, topics });
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
  new OperatorDashboard(scope, 'OperatorDashboard', { monitoring });
  new ConsumptionDashboard(scope, 'Consumption', {
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

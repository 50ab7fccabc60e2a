import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DataStack } from '../data/data-stack.ts';
import type { PipelineStack } from '../pipeline/pipeline-stack.ts';
import type { Settings } from '../settings/read-settings.ts';
import { AlarmTopics } from './alarms/alarm.ts';
import { apiAlarms } from './alarms/api-alarms.ts';
import { noticeGraphs, sweepAlarms, uploadAlarms, verifyAlarms } from './alarms/pipeline-alarms.ts';
import { backupAlarms, databaseAlarms, functionAlarms, queueAlarms } from './alarms/resource-alarms.ts';
import { ConsumptionDashboard } from './consumption-dashboard.ts';
import { Costs } from './costs.ts';
import { OperatorDashboard } from './operator-dashboard.ts';

/** A store that waits for its receipt asks after about an hour. */
const MAX_NOTICE_AGE_MINUTES = 60;
const MAX_NOTICE_DEPTH = 1_000;

/** Alarms, dashboards and budgets: everything that observes the other stacks and informs people. */
export class OperationsStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps, data: DataStack, pipeline: PipelineStack) {
    super(scope, id, props);
    if (data.settings.monitoring) this.#monitor(data, pipeline);
    new Costs(this, 'Costs', data.settings);
  }

  /** Returns true if the settings need this stack. CloudFormation refuses a stack without resources. */
  static isWanted({ monitoring, budgetUsdPerMonth, anomalyUsd }: Settings): boolean {
    return monitoring || budgetUsdPerMonth !== undefined || anomalyUsd !== undefined;
  }

  #monitor(data: DataStack, pipeline: PipelineStack): void {
    const { settings, database } = data;
    const { functions, parse, load, notify, api } = pipeline;
    const topics = new AlarmTopics(this, 'AlarmTopics', data);
    new OperatorDashboard(this, 'Alarms', settings, topics, {
      ...(api && {
        ...apiAlarms(api, settings),
        ...queueAlarms({
          stem: 'Collect',
          queue: api.collect.calls,
          content: 'calls',
          maxAgeMinutes: settings.alarmCallAgeMinutes,
          maxDepth: settings.alarmCallDepth,
        }),
      }),
      ...uploadAlarms(settings),
      ...queueAlarms({
        stem: 'Parse',
        queue: parse.uploads,
        content: 'uploads',
        maxAgeMinutes: settings.alarmUploadAgeMinutes,
        maxDepth: settings.alarmUploadDepth,
      }),
      ...queueAlarms({
        stem: 'Load',
        queue: load.rows,
        content: 'batches',
        maxAgeMinutes: settings.alarmRowAgeMinutes,
        maxDepth: settings.alarmRowDepth,
      }),
      ...noticeGraphs(settings),
      // Rows arrive without them.
      ...queueAlarms({
        stem: 'Notify',
        queue: notify.notices,
        content: 'notices',
        maxAgeMinutes: MAX_NOTICE_AGE_MINUTES,
        maxDepth: MAX_NOTICE_DEPTH,
        severity: 'warning',
      }),
      ...databaseAlarms(database.cluster, settings),
      ...sweepAlarms(settings),
      ...verifyAlarms(settings),
      ...Object.fromEntries(functions.map((fn) => functionAlarms(fn, settings))),
      ...(settings.backupPlan && backupAlarms(settings)),
    });
    new ConsumptionDashboard(this, 'Consumption', data, pipeline);
  }
}

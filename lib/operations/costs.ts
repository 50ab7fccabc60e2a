import { createHash } from 'node:crypto';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { CfnAnomalyMonitor, CfnAnomalySubscription } from 'aws-cdk-lib/aws-ce';
import { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';

/** Tag of every resource in every stage. Costs are told apart by it and by the tag `stage`. */
export const APPLICATION_TAG = { key: 'application', value: 'retail-transactions' };

/** Percentages of the budget that send a mail: of the actual costs, and of the forecast for the month. */
const NOTIFICATIONS = [
  { notificationType: 'ACTUAL', threshold: 50 },
  { notificationType: 'ACTUAL', threshold: 80 },
  { notificationType: 'ACTUAL', threshold: 100 },
  { notificationType: 'FORECASTED', threshold: 100 },
];

/** A budget and an anomaly monitor. Both find the costs of the stage by tags: docs/deploy.md, "Costs". */
export class Costs extends Construct {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    if (settings.budgetUsdPerMonth !== undefined) this.#addBudget(settings.budgetUsdPerMonth, settings);
    if (settings.anomalyUsd !== undefined) this.#addAnomalyMonitor(settings.anomalyUsd, settings);
  }

  #addBudget(amount: number, { stage, alarmEmails }: Settings): void {
    const tags = [APPLICATION_TAG, { key: 'stage', value: stage }];
    const notificationsWithSubscribers = NOTIFICATIONS.map((notification) => ({
      notification: { ...notification, comparisonOperator: 'GREATER_THAN', thresholdType: 'PERCENTAGE' },
      subscribers: alarmEmails.map((address) => ({ subscriptionType: 'EMAIL', address })),
    }));
    // Other addresses replace the budget, and CloudFormation creates the new one before it deletes the old one: names differ.
    const facts = createHash('sha256').update(JSON.stringify(notificationsWithSubscribers)).digest('hex');
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: `retail-${stage}-${facts.slice(0, 8)}`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount, unit: 'USD' },
        // Another application may have a stage of the same name.
        filterExpression: { and: tags.map(({ key, value }) => ({ tags: { key, values: [value] } })) },
        // Required by AWS Budgets together with a filter expression (API reference, Budget).
        metrics: ['UnblendedCost'],
      },
      notificationsWithSubscribers,
    });
  }

  #addAnomalyMonitor(minUsd: number, { stage, alarmEmails }: Settings): void {
    const { key: Key, value } = APPLICATION_TAG;
    const monitor = new CfnAnomalyMonitor(this, 'AnomalyMonitor', {
      monitorName: `retail-${stage}`,
      monitorType: 'CUSTOM',
      // A monitor takes one tag. The tag `stage` would include the costs of other applications.
      monitorSpecification: JSON.stringify({ Tags: { Key, Values: [value] } }),
    });
    const threshold = {
      Key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE',
      MatchOptions: ['GREATER_THAN_OR_EQUAL'],
      Values: [String(minUsd)],
    };
    new CfnAnomalySubscription(this, 'AnomalySubscription', {
      subscriptionName: `retail-${stage}`,
      monitorArnList: [monitor.attrMonitorArn],
      // E-mail supports daily and weekly messages only.
      frequency: 'DAILY',
      subscribers: alarmEmails.map((address) => ({ type: 'EMAIL', address })),
      thresholdExpression: JSON.stringify({ Dimensions: threshold }),
    });
  }
}

import { createHash } from 'node:crypto';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { CfnAnomalyMonitor, CfnAnomalySubscription } from 'aws-cdk-lib/aws-ce';
import { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';
import { APPLICATION_TAG } from './cost-tags.ts';

/** Percent of the budget at which somebody is told: of what was spent, and of what the month is going to cost. */
const NOTIFICATIONS = [
  { notificationType: 'ACTUAL', threshold: 50 },
  { notificationType: 'ACTUAL', threshold: 80 },
  { notificationType: 'ACTUAL', threshold: 100 },
  { notificationType: 'FORECASTED', threshold: 100 },
];

export interface CostsProps {
  readonly settings: Settings;
}

/** Tells somebody when the stage costs more than it should. Both see the costs by tags: docs/deploy.md, "Costs". */
export class Costs extends Construct {
  constructor(scope: Construct, id: string, { settings }: CostsProps) {
    super(scope, id);
    const name = `retail-${settings.stage}`;
    if (settings.budgetUsdPerMonth !== undefined) this.#limit(name, settings.budgetUsdPerMonth, settings);
    if (settings.anomalyUsd !== undefined) this.#watch(name, settings.anomalyUsd, settings.alarmEmails);
  }

  #limit(name: string, amount: number, { stage, alarmEmails }: Settings): void {
    const tags = [APPLICATION_TAG, { key: 'stage', value: stage }];
    const notificationsWithSubscribers = NOTIFICATIONS.map((notification) => ({
      notification: { ...notification, comparisonOperator: 'GREATER_THAN', thresholdType: 'PERCENTAGE' },
      subscribers: alarmEmails.map((address) => ({ subscriptionType: 'EMAIL', address })),
    }));
    // With other addresses it is another budget for CloudFormation, made before the old one goes: not of its name.
    const facts = createHash('sha256').update(JSON.stringify(notificationsWithSubscribers)).digest('hex');
    new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: `${name}-${facts.slice(0, 8)}`,
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount, unit: 'USD' },
        // Another application may call its stages the same.
        filterExpression: { and: tags.map(({ key, value }) => ({ tags: { key, values: [value] } })) },
        // Without them AWS Budgets takes no filter expression (API reference, Budget).
        metrics: ['UnblendedCost'],
      },
      notificationsWithSubscribers,
    });
  }

  #watch(name: string, leastUsd: number, alarmEmails: readonly string[]): void {
    const monitor = new CfnAnomalyMonitor(this, 'AnomalyMonitor', {
      monitorName: name,
      monitorType: 'CUSTOM',
      // A monitor knows one tag. By the stage's alone, other applications' costs would drown ours.
      monitorSpecification: JSON.stringify({
        Tags: { Key: APPLICATION_TAG.key, Values: [APPLICATION_TAG.value] },
      }),
    });
    new CfnAnomalySubscription(this, 'AnomalySubscription', {
      subscriptionName: name,
      monitorArnList: [monitor.attrMonitorArn],
      // By e-mail there is no other frequency than this and the week's.
      frequency: 'DAILY',
      subscribers: alarmEmails.map((address) => ({ type: 'EMAIL', address })),
      thresholdExpression: JSON.stringify({
        Dimensions: {
          Key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE',
          MatchOptions: ['GREATER_THAN_OR_EQUAL'],
          Values: [String(leastUsd)],
        },
      }),
    });
  }
}

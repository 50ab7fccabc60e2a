import { expect, test } from 'vitest';
import { templatesOf } from '../../support/synthesized-app.ts';

const propertiesOf = (type: string, stage: string, changes: Record<string, unknown> = {}) => {
  const resources = templatesOf(stage, changes).get('RetailOperations')?.findResources(type) ?? {};
  return Object.values(resources).map(({ Properties }) => Properties as Record<string, unknown>);
};
const budgetOf = (stage: string, changes: Record<string, unknown> = {}) =>
  propertiesOf('AWS::Budgets::Budget', stage, changes)[0] as {
    Budget: Record<string, unknown> & { BudgetName: string };
    NotificationsWithSubscribers: { Notification: Record<string, unknown>; Subscribers: unknown[] }[];
  };

test('the budget counts the monthly costs of this stage of this application only', () => {
  expect(budgetOf('prod', { 'retail:budgetUsdPerMonth': 120.5 }).Budget).toMatchObject({
    BudgetType: 'COST',
    TimeUnit: 'MONTHLY',
    BudgetLimit: { Amount: 120.5, Unit: 'USD' },
    FilterExpression: {
      And: [
        { Tags: { Key: 'application', Values: ['retail-transactions'] } },
        { Tags: { Key: 'stage', Values: ['prod'] } },
      ],
    },
  });
});

test('each address is notified at 50, 80 and 100 percent of the budget, and when the forecast exceeds it', () => {
  const { NotificationsWithSubscribers: notifications } = budgetOf('prod', {
    'retail:alarmEmails': 'ann@example.com,bob@example.com',
  });
  expect(
    notifications.map(({ Notification: { NotificationType, Threshold } }) => [NotificationType, Threshold]),
  ).toEqual([
    ['ACTUAL', 50],
    ['ACTUAL', 80],
    ['ACTUAL', 100],
    ['FORECASTED', 100],
  ]);
  for (const { Notification, Subscribers } of notifications) {
    expect(Notification).toMatchObject({ ComparisonOperator: 'GREATER_THAN', ThresholdType: 'PERCENTAGE' });
    expect(Subscribers).toEqual([
      { SubscriptionType: 'EMAIL', Address: 'ann@example.com' },
      { SubscriptionType: 'EMAIL', Address: 'bob@example.com' },
    ]);
  }
});

test('a budget with other addresses has another name, a budget with another amount has the same name', () => {
  const name = budgetOf('prod').Budget.BudgetName;
  expect(name).toMatch(/^retail-prod-[0-9a-f]{8}$/);
  expect(budgetOf('prod', { 'retail:alarmEmails': 'ann@example.com' }).Budget.BudgetName).not.toBe(name);
  expect(budgetOf('prod', { 'retail:budgetUsdPerMonth': 1 }).Budget.BudgetName).toBe(name);
});

test('each address is notified of an anomaly from the amount in the settings', () => {
  const changes = {
    'retail:region': 'us-east-1',
    'retail:anomalyUsd': 12,
    'retail:alarmEmails': 'ann@example.com',
  };
  const [monitor] = propertiesOf('AWS::CE::AnomalyMonitor', 'prod', changes);
  expect(monitor).toMatchObject({ MonitorName: 'retail-prod', MonitorType: 'CUSTOM' });
  expect(JSON.parse(monitor!.MonitorSpecification as string)).toEqual({
    Tags: { Key: 'application', Values: ['retail-transactions'] },
  });
  const [subscription] = propertiesOf('AWS::CE::AnomalySubscription', 'prod', changes);
  expect(subscription).toMatchObject({
    SubscriptionName: 'retail-prod',
    Frequency: 'DAILY',
    Subscribers: [{ Type: 'EMAIL', Address: 'ann@example.com' }],
  });
  expect(JSON.parse(subscription!.ThresholdExpression as string)).toEqual({
    Dimensions: {
      Key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE',
      MatchOptions: ['GREATER_THAN_OR_EQUAL'],
      Values: ['12'],
    },
  });
});

test('a stage without these settings has no budget and no anomaly monitor', () => {
  expect(propertiesOf('AWS::Budgets::Budget', 'dev')).toEqual([]);
  expect(propertiesOf('AWS::CE::AnomalyMonitor', 'dev')).toEqual([]);
});

test('the resources of a stage have the tags for costs', () => {
  for (const [stackId, type] of [
    ['RetailData', 'AWS::RDS::DBCluster'],
    ['RetailData', 'AWS::S3::Bucket'],
    ['RetailPipeline', 'AWS::Lambda::Function'],
    ['RetailPipeline', 'AWS::SQS::Queue'],
  ] as const) {
    const resources = Object.values(templatesOf('prod').get(stackId)!.findResources(type));
    expect(resources.length).toBeGreaterThan(0);
    for (const { Properties } of resources.filter(
      ({ Properties }) => !('Code' in Properties && !('TracingConfig' in Properties)),
    )) {
      expect(Properties.Tags, type).toEqual(
        expect.arrayContaining([
          { Key: 'application', Value: 'retail-transactions' },
          { Key: 'stage', Value: 'prod' },
        ]),
      );
    }
  }
});

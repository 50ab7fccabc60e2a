import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { MEASURED_CONSUMPTION } from '../../../tools/cost/consumption.ts';
import { estimate, sumUsd } from '../../../tools/cost/estimate.ts';
import { readInventory } from '../../../tools/cost/inventory.ts';
import { formatExamples } from '../../../tools/cost/report.ts';
import { fillTables, readDocuments } from '../../../tools/documents.ts';
import { templatesOf } from '../../support/synthesized-app.ts';
import { findUsd, WORKLOAD } from '../../unit/tools/cost/fixtures.ts';

/** Types that cost by the hour, even if they are not used. */
const HOURLY_TYPES = [
  'AWS::EC2::NatGateway',
  'AWS::EC2::EIP',
  'AWS::EC2::Instance',
  'AWS::EC2::TransitGatewayAttachment',
  'AWS::EC2::VPNConnection',
  'AWS::EC2::ClientVpnEndpoint',
  'AWS::ElasticLoadBalancing::LoadBalancer',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ECS::Service',
  'AWS::EKS::Cluster',
  'AWS::Kinesis::Stream',
  'AWS::MSK::Cluster',
  'AWS::OpenSearchService::Domain',
  'AWS::ElastiCache::ReplicationGroup',
  'AWS::ElastiCache::CacheCluster',
  'AWS::Redshift::Cluster',
  'AWS::RDS::DBProxy',
  'AWS::RDS::DBProxyEndpoint',
  'AWS::KMS::Key',
  'AWS::CloudHSM::Cluster',
  'AWS::ACMPCA::CertificateAuthority',
  'AWS::WAFv2::WebACL',
  'AWS::GuardDuty::Detector',
  'AWS::Synthetics::Canary',
];

interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
}
const resources = [...templatesOf('dev').values()].flatMap(
  (template) => Object.values(template.toJSON().Resources) as Resource[],
);
const ofType = (type: string) => resources.filter(({ Type }) => Type === type);

test('a development stage has no resource that costs by the hour when it is idle', () => {
  expect(resources.length).toBeGreaterThan(30);
  for (const type of HOURLY_TYPES) expect(ofType(type), type).toEqual([]);
});

test('network endpoints are of the free kind', () => {
  for (const { Properties } of ofType('AWS::EC2::VPCEndpoint')) {
    expect(Properties!.VpcEndpointType).toBe('Gateway');
  }
});

test('no function has provisioned capacity', () => {
  for (const { Properties } of ofType('AWS::Lambda::EventSourceMapping')) {
    expect(Properties).not.toHaveProperty('ProvisionedPollerConfig');
  }
  for (const type of ['AWS::Lambda::Alias', 'AWS::Lambda::Version']) {
    for (const { Properties } of ofType(type)) {
      expect(Properties).not.toHaveProperty('ProvisionedConcurrencyConfig');
    }
  }
  for (const { Properties } of ofType('AWS::Lambda::Function')) {
    expect(Properties).not.toHaveProperty('SnapStart');
  }
});

test('its database pauses, has only serverless instances, and nothing keeps it awake', () => {
  const clusters = ofType('AWS::RDS::DBCluster');
  expect(clusters).toHaveLength(1);
  for (const { Properties } of clusters) {
    expect(Properties).toMatchObject({ ServerlessV2ScalingConfiguration: { MinCapacity: 0 } });
    expect(Properties).not.toHaveProperty('GlobalClusterIdentifier');
    expect(Properties).not.toHaveProperty('PerformanceInsightsRetentionPeriod');
  }
  const instances = ofType('AWS::RDS::DBInstance');
  expect(instances.map(({ Properties }) => Properties!.DBInstanceClass)).toEqual(['db.serverless']);
});

test('an idle development stage costs a few dollars: the database is awake for less than an hour a day', () => {
  const idle = { ...WORKLOAD, rowsPerDay: 0, filesPerDay: 0 };
  const lines = estimate(idle, readInventory('dev'), MEASURED_CONSUMPTION);
  const awake = findUsd(lines, 'Aurora', 'capacity while awake');
  // Half a unit for an hour of each of 365 / 12 days, at 0.12
  expect(awake).toBeGreaterThan(0);
  expect(awake).toBeLessThan((0.5 * 0.12 * 365) / 12);
  expect(sumUsd(lines.filter(({ service }) => service !== 'CloudWatch'))).toBeLessThan(8.2);
});

test('a stage that cdk.json does not have is wrong usage, with the stages that it has', async () => {
  const args = ['tools/main.ts', 'cost', '--rows-per-day', '5', '--stage', 'quality'];
  await expect(promisify(execFile)(process.execPath, args)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('has dev, prod'),
  });
});

let examples: string;
beforeAll(async () => {
  examples = await formatExamples();
});

test('the documentation has the table that the command writes', () => {
  const tables = [...readDocuments()].flatMap(([path, text]) => {
    let count = 0;
    const filled = fillTables(text, 'costs', () => {
      count++;
      return examples;
    });
    expect(text, `${path}: npm run cost -- --write writes it`).toBe(filled);
    return Array(count).fill(path);
  });
  expect(tables.length).toBeGreaterThan(0);
});

test('the examples keep their costs, within 0.5 %', () => {
  const numbers = [...examples.matchAll(/(?<=\| )[\d,]+\.\d\d/g)].map(([text]) => {
    return Number(text.replaceAll(',', ''));
  });
  const before = [8.41, 8.41, 2.67, 0, 65.54, 66.59, 44.81, 0.07, 66.66, 68.64, 44.91, 0.82];
  for (const [index, usd] of [...before, 78.66, 150.77, 80.77, 39.96].entries()) {
    expect(Math.abs(numbers[index]! - usd)).toBeLessThanOrEqual(Math.max(0.011, usd * 0.005));
  }
});

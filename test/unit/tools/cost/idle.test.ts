import { expect, test } from 'vitest';
import { readConsumption } from '../../../../tools/cost/consumption.ts';
import { estimate } from '../../../../tools/cost/estimate.ts';
import { readInventory } from '../../../../tools/cost/inventory.ts';
import { readPrices } from '../../../../tools/cost/prices.ts';
import { templatesOf } from '../../../support/synthesized-app.ts';
import { itemOf, WORKLOAD } from './fixtures.ts';

/** Types that cost by the hour whether anybody uses them or not. */
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

test('a development stage has nothing that costs by the hour while nobody uses it', () => {
  expect(resources.length).toBeGreaterThan(30);
  for (const type of HOURLY_TYPES) expect(ofType(type), type).toEqual([]);
});

test('an endpoint in its network, if there is one, is of the kind that is free', () => {
  for (const { Properties } of ofType('AWS::EC2::VPCEndpoint')) {
    expect(Properties!.VpcEndpointType).toBe('Gateway');
  }
});

test('no function of it has capacity that waits for calls', () => {
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

test('its database pauses, has no instance but serverless ones, and nothing that keeps it awake', () => {
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

test('idle, it costs a few dollars: the database is awake for less than an hour a day', () => {
  const idle = { ...WORKLOAD, rowsPerDay: 0, filesPerDay: 0 };
  const lines = estimate(idle, readInventory('dev'), readConsumption(), readPrices());
  const awake = itemOf(lines, 'Aurora', 'capacity while awake');
  // Half a unit for an hour of each of 365 / 12 days, at 0.12
  expect(awake).toBeGreaterThan(0n);
  expect(awake).toBeLessThan((500_000n * 120_000n * 365n) / (12n * 1_000_000n));
  const withoutWatching = lines.filter(({ service }) => service !== 'CloudWatch');
  expect(withoutWatching.reduce((sum, { microUsd }) => sum + microUsd, 0n)).toBeLessThan(6_000_000n);
});

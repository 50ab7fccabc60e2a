import { expect, test } from 'vitest';
import { synthesizeStack } from '../../support/synthesized-app.ts';

test('the network is in the zones of the settings, by default in the first two of the region', () => {
  const zonesOf = (changes: Record<string, unknown>) =>
    synthesizeStack('RetailData', { stage: 'dev', ...changes })
      .ofType('AWS::EC2::Subnet')
      .map(({ Properties }) => Properties.AvailabilityZone);
  const first = (index: number) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] });
  expect(zonesOf({})).toEqual([first(0), first(1)]);
  const zones = ['eu-central-1b', 'eu-central-1c'];
  expect(zonesOf({ 'retail:availabilityZones': zones.join() })).toEqual(zones);
});

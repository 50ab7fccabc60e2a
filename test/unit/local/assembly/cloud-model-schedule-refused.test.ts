import { expect, test } from 'vitest';
import { readCloudModel } from '../../../../local/assembly/read-cloud-model.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { writeAssembly } from './written-assembly.ts';

const dir = temporaryDir();
const att = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
async function read(Properties: object) {
  const Resources = {
    Role: { Type: 'AWS::IAM::Role' },
    First: {
      Type: 'AWS::Lambda::Function',
      Metadata: { 'aws:asset:path': 'asset.1' },
      Properties: { Runtime: 'nodejs24.x', Handler: 'index.handler', Role: att('Role') },
    },
    Nightly: { Type: 'AWS::Events::Rule', Properties },
  };
  return (await readCloudModel(await writeAssembly(dir, { App: { Resources } }), 'http://127.0.0.1:1'))
    .schedules;
}
const Targets = [{ Id: 'T', Arn: att('First') }];
const ScheduleExpression = 'rate(1 hour)';

test.each([
  [
    'whose target has an InputTransformer',
    { ScheduleExpression, Targets: [{ ...Targets[0], InputTransformer: {} }] },
  ],
  [
    'whose target has an InputPath',
    { ScheduleExpression, Targets: [{ ...Targets[0], InputPath: '$.detail' }] },
  ],
  ['that waits for events too', { ScheduleExpression, EventPattern: { source: ['aws.s3'] }, Targets }],
  ['that comes every 0 minutes', { ScheduleExpression: 'rate(0 minutes)', Targets }],
  ['that comes less often than a timer of Node can', { ScheduleExpression: 'rate(30 days)', Targets }],
])('a rule %s is refused', async (_what, properties) => {
  await expect(read(properties)).rejects.toThrow('Nightly');
});

test('a disabled rule does not run', async () => {
  expect(await read({ State: 'DISABLED', ScheduleExpression, Targets })).toEqual([]);
});

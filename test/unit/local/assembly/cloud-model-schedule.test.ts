import { describe, expect, it, test } from 'vitest';
import { readCloudModel } from '../../../../local/assembly/read-cloud-model.ts';
import type { ScheduleModel } from '../../../../local/assembly/readers/function-readers.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { writeAssembly } from './written-assembly.ts';

const ruleArn = 'arn:aws:events:us-east-1:000000000000:rule/app-nightly';
const LAMBDA = 'arn:aws:lambda:us-east-1:000000000000:function';
const dir = temporaryDir();
const att = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const target = (logicalId: string, more: object = {}) => ({ Id: 'Target0', Arn: att(logicalId), ...more });

const worker = {
  Type: 'AWS::Lambda::Function',
  Metadata: { 'aws:asset:path': 'asset.1' },
  Properties: { Runtime: 'nodejs24.x', Handler: 'index.handler', Role: att('Role') },
};

/** Reads the schedules of one rule next to two functions and a queue. */
async function schedulesOf(Properties: object): Promise<readonly ScheduleModel[]> {
  const Nightly = { Type: 'AWS::Events::Rule', Properties };
  const Resources = {
    Role: { Type: 'AWS::IAM::Role' },
    First: worker,
    Second: worker,
    Jobs: { Type: 'AWS::SQS::Queue' },
    Nightly,
  };
  const model = await readCloudModel(
    await writeAssembly(dir, { App: { Resources } }),
    'http://127.0.0.1:4566',
  );
  return model.schedules;
}

describe('a schedule', () => {
  it.each([
    ['rate(1 minute)', 60],
    ['rate(5 minutes)', 300],
    ['rate(1 hour)', 3_600],
    ['rate(12 hours)', 43_200],
    ['rate(1 day)', 86_400],
    ['rate(7 days)', 604_800],
  ])('at %s runs every %i seconds', async (ScheduleExpression, everySeconds) => {
    const schedules = await schedulesOf({ ScheduleExpression, State: 'ENABLED', Targets: [target('First')] });
    const functionArns = [`${LAMBDA}:app-first`];
    expect(schedules).toEqual([{ ruleArn, expression: ScheduleExpression, functionArns, everySeconds }]);
  });

  it('calls every function that it targets', async () => {
    const Targets = [target('First'), target('Second')];
    const schedules = await schedulesOf({ ScheduleExpression: 'rate(1 hour)', Targets });
    expect(schedules).toMatchObject([{ functionArns: [`${LAMBDA}:app-first`, `${LAMBDA}:app-second`] }]);
  });

  it.each(['cron(0 3 * * ? *)', 'rate(1 week)', 'rate(five minutes)', 'rate(-1 minutes)', 'rate(1.5 hours)'])(
    'is refused at %s: the local cloud supports only rates',
    async (ScheduleExpression) => {
      const schedules = schedulesOf({ ScheduleExpression, Targets: [target('First')] });
      await expect(schedules).rejects.toThrow(
        `the local cloud knows schedules at a rate of up to 24 days, and Nightly is "${ScheduleExpression}"`,
      );
    },
  );

  it('is refused if the rule matches events instead of a schedule', async () => {
    const rule = { EventPattern: { source: ['aws.s3'] }, Targets: [target('First')] };
    await expect(schedulesOf(rule)).rejects.toThrow('Nightly needs them');
  });

  it('is refused if it passes an input, or targets anything but functions', async () => {
    const ScheduleExpression = 'rate(1 hour)';
    const withInput = { ScheduleExpression, Targets: [target('First', { Input: '{"full":true}' })] };
    await expect(schedulesOf(withInput)).rejects.toThrow(
      `calls functions without input by schedule, and not ${LAMBDA}:app-first`,
    );
    const toQueue = { ScheduleExpression, Targets: [target('First'), target('Jobs')] };
    await expect(schedulesOf(toQueue)).rejects.toThrow('and not arn:aws:sqs:us-east-1:000000000000:app-jobs');
  });
});

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
  await expect(schedulesOf(properties)).rejects.toThrow('Nightly');
});

test('a disabled rule does not run', async () => {
  expect(await schedulesOf({ State: 'DISABLED', ScheduleExpression, Targets })).toEqual([]);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CloudFormationService } from '../../../local/cloudformation/cloudformation-service.ts';
import { Operator } from '../../support/aws-environment.ts';
import { addFunction, allow, startGateway } from '../../unit/local/running-gateway.ts';

const STACKS = ['data', 'pipeline'].map((part) => ({
  name: `retail-dev-${part}`,
  outputs: {},
  resources: [],
}));
const gateway = await startGateway((access) => ({
  cloudformation: new CloudFormationService(STACKS, access),
}));
const STACK_ARNS = 'arn:aws:cloudformation:us-east-1:000000000000:stack/retail-dev-*';
addFunction(gateway.access, 'dev-only', [allow('cloudformation:DescribeStacks', STACK_ARNS)]);

const environmentOf = (accessKeyId: string) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: gateway.keys.secretOf(accessKeyId),
});

let home: string;
/** An administrator of the account. */
let administrator: Operator;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'retail-stage-'));
  administrator = new Operator(home, {
    AWS_ENDPOINT_URL: gateway.endpoint,
    ...environmentOf('operator'),
    AWS_REGION: 'us-east-1',
  });
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe.concurrent('an incomplete environment', () => {
  const without = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
  const config = `
[profile stale]
sso_session = shop
sso_account_id = 111122223333
sso_role_name = Operator
region = us-east-1
[sso-session shop]
sso_region = us-east-1
sso_start_url = https://shop.awsapps.com/start
sso_registration_scopes = sso:account:access
`;
  beforeAll(() => administrator.writeConfig(config));

  test.each<[string, (() => Operator) | undefined, string[], RegExp[]]>([
    [
      'a stage',
      undefined,
      ['--stage', 'qa'],
      [/stage qa is not deployed in us-east-1/, /stages dev, prod/, /-c stage=qa/],
    ],
    [
      'a stage in this region',
      undefined,
      ['--stage', 'dev', '--region', 'eu-west-1'],
      [/not deployed in eu-west-1: there is no stack retail-dev-data/, /--region or AWS_REGION/],
    ],
    [
      'a stage that the caller may see',
      () => administrator.with(environmentOf('dev-only')),
      ['--stage', 'dev', '--region', 'eu-west-1'],
      [/Is eu-west-1 the region of the stage dev\?/],
    ],
    [
      'a region',
      () => administrator.with({ AWS_REGION: undefined }),
      ['--stage', 'dev'],
      [/no AWS region is set: add --region/],
    ],
    [
      'credentials',
      () => administrator.with(without),
      ['--stage', 'dev'],
      [/no AWS credentials were found/, /aws sso login/],
    ],
    [
      'a profile',
      () => administrator.with(without),
      ['--stage', 'dev', '--profile', 'missing'],
      [/AWS profile "missing" has no credentials/],
    ],
    [
      'a sign-in',
      () => administrator.with(without),
      ['--stage', 'dev', '--profile', 'stale'],
      [/aws sso login --profile stale/],
    ],
    [
      'a known access key',
      () => administrator.with({ AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE' }),
      ['--stage', 'dev'],
      [/AWS does not accept your credentials/],
    ],
    [
      'a way to AWS',
      () => administrator.with({ AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }),
      ['--stage', 'dev'],
      [/cannot be reached .*ECONNREFUSED/],
    ],
  ])('without %s the message says what is missing and what to do', async (_, who, args, messages) => {
    const { code, stdout, stderr } = await (who?.() ?? administrator).run('uploads', ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    for (const message of messages) expect(stderr).toMatch(message);
    expect(stderr).not.toContain('    at ');
  });
});

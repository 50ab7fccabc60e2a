import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Rotations } from '../../../../local/secrets/rotations.ts';
import { SecretStore } from '../../../../local/secrets/secret-store.ts';
import { SecretsService } from '../../../../local/secrets/secrets-service.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { addFunction, allow, configOf, startGateway } from '../running-gateway.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:login';
const OTHER = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:fixed';
const MODELS = [ARN, OTHER].map((arn) => ({ arn, template: { username: 'loader' }, passwordLength: 20 }));
const TOKENS = ['a', 'b', 'c'].map((letter) => letter.repeat(32)) as [string, string, string];
const SECOND = 'second';

const file = join(temporaryDir(), 'secrets.json');
const failures: Error[] = [];
let steps: object[] = [];
/** Behaviour of the rotation function in a step. */
let onStep: (event: { Step: string }) => Promise<unknown>;
const gateway = await startGateway((access) => {
  const store = new SecretStore(file, MODELS);
  const rotations = new Rotations(
    [{ secretArn: ARN, functionArn: 'rotator', everyDays: 30 }],
    store,
    (error) => failures.push(error),
  );
  rotations.callWith(async (functionArn, event) => {
    steps.push({ functionArn, ...event });
    return onStep(event as { Step: string });
  });
  addFunction(access, 'reader', [allow('secretsmanager:GetSecretValue', ARN)]);
  return { secretsmanager: new SecretsService(store, rotations, access) };
});
const client = new SecretsManagerClient(configOf(gateway));
afterAll(() => client.destroy());

const get = (more = {}) => client.send(new GetSecretValueCommand({ SecretId: ARN, ...more }));
const put = (token: string, value: string, stages?: string[]) =>
  client.send(
    new PutSecretValueCommand({
      SecretId: ARN,
      ClientRequestToken: token,
      SecretString: value,
      VersionStages: stages,
    }),
  );
const move = (more: object) =>
  client.send(new UpdateSecretVersionStageCommand({ SecretId: ARN, VersionStage: 'AWSCURRENT', ...more }));
const describeSecret = () => client.send(new DescribeSecretCommand({ SecretId: ARN }));
const rotate = (ClientRequestToken: string, SecretId = ARN) =>
  client.send(new RotateSecretCommand({ SecretId, ClientRequestToken }));

beforeEach(() => {
  steps = [];
  failures.length = 0;
  onStep = async () => undefined;
});

describe('a secret', () => {
  it('is found by its ARN and by its name, and returns its current version', async () => {
    const { SecretString, VersionStages, Name } = await get();
    expect(JSON.parse(SecretString!)).toEqual({
      username: 'loader',
      password: expect.stringMatching(/^.{20}$/),
    });
    expect([VersionStages, Name]).toEqual([['AWSCURRENT'], 'login']);
    expect((await get({ SecretId: 'login' })).ARN).toBe(ARN);
    await expect(get({ SecretId: 'unknown' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('accepts a pending version beside the current one; the same again changes nothing, another value is refused', async () => {
    const { VersionId } = await get();
    await put(TOKENS[0], '{"password":"1"}', ['AWSPENDING']);
    await put(TOKENS[0], '{"password":"1"}', ['AWSPENDING']);
    await expect(put(TOKENS[0], '{"password":"2"}')).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
    expect((await describeSecret()).VersionIdsToStages).toEqual({
      [VersionId!]: ['AWSCURRENT'],
      [TOKENS[0]]: ['AWSPENDING'],
    });
    expect((await get({ VersionStage: 'AWSPENDING' })).SecretString).toBe('{"password":"1"}');
    await expect(get({ VersionStage: 'AWSPREVIOUS' })).rejects.toThrow(
      "can't find the specified secret value for staging label: AWSPREVIOUS",
    );
    await expect(get({ VersionId: TOKENS[0], VersionStage: 'AWSCURRENT' })).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
  });

  it('changes its current version only if the caller names the current one, which becomes the previous', async () => {
    const { VersionId: former } = await get();
    await expect(move({ MoveToVersionId: TOKENS[0] })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await expect(move({ MoveToVersionId: TOKENS[0], RemoveFromVersionId: SECOND })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await expect(move({ RemoveFromVersionId: former })).rejects.toThrow("can't be completely removed");
    await expect(move({ MoveToVersionId: SECOND, RemoveFromVersionId: former })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await move({ MoveToVersionId: TOKENS[0], RemoveFromVersionId: former });
    expect((await describeSecret()).VersionIdsToStages).toEqual({
      [former!]: ['AWSPREVIOUS'],
      [TOKENS[0]]: ['AWSPENDING', 'AWSCURRENT'],
    });
  });

  it('is returned only with the permission for this action on this secret', async () => {
    const reader = new SecretsManagerClient(configOf(gateway, 'reader'));
    const denied = { name: 'AccessDenied' };
    await reader.send(new GetSecretValueCommand({ SecretId: ARN }));
    await expect(reader.send(new GetSecretValueCommand({ SecretId: OTHER }))).rejects.toMatchObject(denied);
    await expect(reader.send(new DescribeSecretCommand({ SecretId: ARN }))).rejects.toMatchObject(denied);
    await expect(
      reader.send(new PutSecretValueCommand({ SecretId: 'login', SecretString: 'x' })),
    ).rejects.toMatchObject(denied);
    await expect(reader.send(new RotateSecretCommand({ SecretId: ARN }))).rejects.toMatchObject(denied);
    reader.destroy();
  });

  it('refuses unsupported requests', async () => {
    await expect(
      client.send(new PutSecretValueCommand({ SecretId: ARN, SecretBinary: new Uint8Array(1) })),
    ).rejects.toThrow("does not know PutSecretValue's SecretBinary");
  });
});

describe('a rotation', () => {
  it('calls the function for each step with a version without a value', async () => {
    let empty: unknown;
    onStep = async ({ Step }) => {
      if (Step !== 'createSecret') return;
      empty = await get({ VersionStage: 'AWSPENDING' }).catch((error: Error) => error.name);
      await put(TOKENS[1], '{"password":"new"}', ['AWSPENDING']);
    };
    expect((await rotate(TOKENS[1])).VersionId).toBe(TOKENS[1]);
    await expect.poll(() => steps.length).toBe(4);
    const common = { functionArn: 'rotator', SecretId: ARN, ClientRequestToken: TOKENS[1] };
    expect(steps).toEqual(
      ['createSecret', 'setSecret', 'testSecret', 'finishSecret'].map((Step) => ({ Step, ...common })),
    );
    expect(empty).toBe('ResourceNotFoundException');
  });

  it('that did not finish is retried instead of a new one, with an error that says so', async () => {
    onStep = async () => {
      throw new Error('no');
    };
    await expect(rotate(TOKENS[2])).rejects.toThrow("A previous rotation isn't complete");
    await expect.poll(() => failures.length).toBe(1);
    expect(steps).toMatchObject([{ Step: 'createSecret', ClientRequestToken: TOKENS[1] }]);
  });

  it('of a secret without a schedule is refused', async () => {
    await expect(rotate(TOKENS[2], OTHER)).rejects.toThrow('No Lambda rotation function ARN');
    expect(
      (await client.send(new DescribeSecretCommand({ SecretId: OTHER }))).RotationEnabled,
    ).toBeUndefined();
  });
});

describe('the file', () => {
  it('is readable only by its owner, and a new start finds every version in it', async () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const store = new SecretStore(file, MODELS);
    expect(store.ofUser('loader')).toEqual(store.current(ARN));
    expect(store.current(ARN)?.password).toBe(JSON.parse((await get()).SecretString!).password);
    expect(store.find(ARN)!.versions).toHaveLength(3);
  });
});

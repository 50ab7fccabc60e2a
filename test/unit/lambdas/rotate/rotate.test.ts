import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { Probe } from '../../../../lambdas/rotate/probe.ts';
import { rotate } from '../../../../lambdas/rotate/rotate.ts';
import { SecretVersions } from '../../../../lambdas/rotate/secret-versions.ts';

const mock = mockClient(SecretsManagerClient);
afterAll(() => mock.restore());

const WRONG_PASSWORD = new Error('FATAL: password authentication failed for user "x"; SQLState: 28P01');
const notFound = new ResourceNotFoundException({ $metadata: {}, message: 'not found' });
const MIGRATOR = { username: 'migrator', password: 'current' };

/** Statements that the database received, each with its role. */
let statements: string[];
/** Value of the probe's secret. */
let probed: { username: string; password: string };
/** Passwords that the database accepts from the migrator. */
let accepted: string[];
/** Error of a login with any other password. */
let refusal: Error;

beforeEach(() => {
  mock.reset();
  mock.on(DescribeSecretCommand).resolves({
    RotationEnabled: true,
    VersionIdsToStages: { old: ['AWSCURRENT'], new: ['AWSPENDING'] },
  });
  mock.on(GetSecretValueCommand).callsFake(({ SecretId, VersionStage }) => {
    if (SecretId === 'probe') return { SecretString: JSON.stringify(probed) };
    if (VersionStage === 'AWSCURRENT') return { SecretString: JSON.stringify(MIGRATOR) };
    const password = { AWSPENDING: 'pending', AWSPREVIOUS: 'previous' }[VersionStage as string];
    return { SecretString: JSON.stringify({ ...MIGRATOR, password }) };
  });
  mock.on(PutSecretValueCommand).callsFake(({ SecretId, SecretString }) => {
    if (SecretId === 'probe') probed = JSON.parse(SecretString);
    return {};
  });
  mock.on(UpdateSecretVersionStageCommand).resolves({});
  statements = [];
  refusal = WRONG_PASSWORD;
  accepted = ['current'];
});

/** Runs a step of the rotation of a secret, by default the migrator's. */
function step(Step: string, version = 'new', SecretId = 'migrator'): Promise<void> {
  const secrets = new SecretVersions(new SecretsManagerClient({ region: 'us-east-1' }));
  const as = (who: string, password: () => string) => async (sql: string, parameters: object) => {
    if (!accepted.includes(password())) throw refusal;
    statements.push([who, sql.split(/[ (]/)[1], ...Object.values(parameters)].join(' '));
    return [[probed?.username ?? '']];
  };
  return rotate(
    { Step, SecretId, ClientRequestToken: version },
    {
      secrets,
      migratorSecretArn: 'migrator',
      userNames: new Map([
        ['migrator', 'migrator'],
        ['loader', 'loader'],
      ]),
      asMigrator: as('migrator', () => 'current'),
      probe: new Probe(
        secrets,
        'probe',
        as('probe', () => probed.password),
      ),
    },
  );
}
const changes = () => statements.filter((statement) => statement.includes('set_password'));

describe('no step runs', () => {
  test('if rotation is not enabled', async () => {
    mock.on(DescribeSecretCommand).resolves({ VersionIdsToStages: { new: ['AWSPENDING'] } });
    await expect(step('setSecret')).rejects.toThrow('rotation is not enabled');
  });

  test.each(['other', 'former'])('for the version %s, which is not pending', async (version) => {
    mock.on(DescribeSecretCommand).resolves({
      RotationEnabled: true,
      VersionIdsToStages: { old: ['AWSCURRENT'], former: ['AWSPREVIOUS'] },
    });
    for (const name of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) {
      await expect(step(name, version)).rejects.toThrow('is not AWSPENDING');
    }
    expect([changes(), mock.commandCalls(PutSecretValueCommand)]).toEqual([[], []]);
  });

  test('for an unknown step', async () => {
    await expect(step('deleteSecret')).rejects.toThrow('no step deleteSecret');
  });

  test('if the version is already current', async () => {
    for (const name of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) await step(name, 'old');
    expect(statements).toEqual([]);
    expect(mock.commandCalls(PutSecretValueCommand)).toEqual([]);
    expect(mock.commandCalls(UpdateSecretVersionStageCommand)).toEqual([]);
  });
});

test('a new version differs from the current one only in its password', async () => {
  mock
    .on(GetSecretValueCommand, { VersionStage: 'AWSPENDING' })
    .rejects(notFound)
    .on(GetSecretValueCommand, { VersionStage: 'AWSCURRENT' })
    .resolves({ SecretString: JSON.stringify({ ...MIGRATOR, host: 'h', port: 5432 }) });
  await step('createSecret');
  const [call] = mock.commandCalls(PutSecretValueCommand);
  expect(call!.args[0].input).toMatchObject({ ClientRequestToken: 'new', VersionStages: ['AWSPENDING'] });
  expect(JSON.parse(call!.args[0].input.SecretString!)).toEqual({
    username: 'migrator',
    password: expect.stringMatching(/^[\w-]{32}$/),
    host: 'h',
    port: 5432,
  });
});

test('a version with a value keeps it', async () => {
  await step('createSecret');
  expect(mock.commandCalls(PutSecretValueCommand)).toEqual([]);
});

describe("the migrator's own password", () => {
  test('is changed with the current one', async () => {
    await step('setSecret');
    expect(changes()).toEqual(['migrator ledger.set_password migrator pending']);
  });

  test('is unchanged if an earlier attempt already changed it', async () => {
    accepted = ['pending'];
    await step('setSecret');
    expect(changes()).toEqual([]);
  });

  test('is changed with the previous password if the database has that one', async () => {
    accepted = ['previous'];
    await step('setSecret');
    expect(changes()).toEqual(['probe ledger.set_password migrator pending']);
  });

  test('is not changed if the database accepts none of them', async () => {
    accepted = [];
    await expect(step('setSecret')).rejects.toThrow(WRONG_PASSWORD);
  });

  test('is not changed if there is no previous one', async () => {
    accepted = [];
    mock.on(GetSecretValueCommand, { VersionStage: 'AWSPREVIOUS' }).rejects(notFound);
    await expect(step('setSecret')).rejects.toThrow(WRONG_PASSWORD);
  });
});

test('finishing makes the new version current instead of the old one', async () => {
  await step('finishSecret');
  expect(mock.commandCalls(UpdateSecretVersionStageCommand)[0]!.args[0].input).toEqual({
    SecretId: 'migrator',
    VersionStage: 'AWSCURRENT',
    MoveToVersionId: 'new',
    RemoveFromVersionId: 'old',
  });
});

describe('the password of another role', () => {
  beforeEach(() => {
    mock.on(GetSecretValueCommand).callsFake(({ VersionId, VersionStage }) => {
      const password =
        VersionStage === 'AWSPENDING' ? 'pending' : VersionId === undefined ? 'by label' : 'by id';
      return { SecretString: JSON.stringify({ username: 'loader', password }) };
    });
  });

  test('is set by the migrator', async () => {
    await step('setSecret', 'new', 'loader');
    expect(changes()).toEqual(['migrator ledger.set_password loader pending']);
  });

  test('is set again in the last step, to that of the version that became current', async () => {
    await step('finishSecret', 'new', 'loader');
    expect(mock.commandCalls(UpdateSecretVersionStageCommand)).toHaveLength(1);
    expect(changes()).toEqual(['migrator ledger.set_password loader by id']);
  });

  test('is set again even if the version was already current', async () => {
    await step('finishSecret', 'old', 'loader');
    expect(mock.commandCalls(UpdateSecretVersionStageCommand)).toEqual([]);
    expect(changes()).toEqual(['migrator ledger.set_password loader by id']);
  });
});

describe('a version for another role is refused, since a secret must not give access to another role', () => {
  const other = { SecretString: JSON.stringify({ username: 'loader', password: 'known' }) };

  test('if it is pending', async () => {
    mock.on(GetSecretValueCommand, { VersionStage: 'AWSPENDING' }).resolves(other);
    await expect(step('setSecret')).rejects.toThrow(
      'AWSPENDING of migrator is for loader instead of migrator',
    );
    expect(statements).toEqual([]);
  });

  test.each(['createSecret', 'setSecret', 'testSecret', 'finishSecret'])(
    'in %s, if all versions are for it',
    async (name) => {
      mock.on(GetSecretValueCommand).resolves(other);
      if (name === 'createSecret') {
        mock.on(GetSecretValueCommand, { VersionStage: 'AWSPENDING' }).rejects(notFound);
      }
      await expect(step(name)).rejects.toThrow('is for loader instead of migrator');
      expect([statements, mock.commandCalls(PutSecretValueCommand)]).toEqual([[], []]);
    },
  );
});

describe('the test of a password', () => {
  test('fails if the database refuses it', async () => {
    await expect(step('testSecret')).rejects.toThrow('refuses the new password of migrator');
  });

  test('logs in with it', async () => {
    accepted = ['pending'];
    await step('testSecret');
    expect(statements).toEqual(['probe CAST']);
  });

  test('logs in with the current password when a new schedule is tested', async () => {
    mock.on(GetSecretValueCommand, { VersionStage: 'AWSPENDING' }).rejects(notFound);
    await step('testSecret');
    expect(statements).toEqual(['probe CAST']);
  });

  test('leaves no password in the probe', async () => {
    accepted = ['pending'];
    await step('testSecret');
    expect(probed).toEqual({ username: 'retail_probe', password: 'none' });
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallFault, FaultPlan, FunctionCall } from '../../../local/faults/fault-plan.ts';
import { AccountedCloud } from '../../support/accounted-cloud.ts';
import { ROLES, Rotator } from './rotation.ts';

let cloud: AccountedCloud;
let rotator: Rotator;
beforeAll(async () => {
  cloud = await AccountedCloud.start();
  rotator = new Rotator(cloud);
});
afterAll(async () => {
  rotator?.client.destroy();
  await cloud?.stop();
});

const isRotator = ({ functionName }: FunctionCall) => functionName.includes('rotate');

/** Tries to log in to the database as a role. */
async function logsIn(username: string, password: string): Promise<boolean> {
  const url = Object.assign(new URL(cloud.cloud.running.databaseUrl), { username, password });
  const client = new pg.Client({ connectionString: url.href });
  try {
    await client.connect();
    return true;
  } catch (error) {
    expect((error as Error).message).toContain('password authentication failed');
    return false;
  } finally {
    await client.end();
  }
}

/** Rotates again and again, as Secrets Manager does where its function fails. @returns how often it failed */
async function rotateUntilDone(role: string): Promise<number> {
  for (let failures = 0; ; failures++) {
    try {
      await rotator.rotate(role);
      return failures;
    } catch (error) {
      if (failures === 5) throw error;
    }
  }
}

test('every secret is rotated while files are loaded: every row is accounted for, old passwords are refused', async () => {
  cloud.begin();
  const before = await Promise.all(ROLES.map((role) => rotator.secretOf(role)));
  const drops = (async () => {
    for (let number = 1; number <= 6; number++) {
      const file = cloud.makeFile(1_000);
      await cloud.drop(file, file.name.replace('.csv', `_${number}.csv`));
    }
  })();
  await Promise.all(ROLES.map((role) => rotateUntilDone(role)));
  await drops;
  await cloud.expectAccounted();
  for (const [index, role] of ROLES.entries()) {
    const { password } = await rotator.secretOf(role);
    expect(password).not.toBe(before[index]!.password);
    expect([role, await logsIn(role, password)]).toEqual([role, true]);
    expect([role, await logsIn(role, before[index]!.password)]).toEqual([role, false]);
  }
});

describe('a rotator that crashes', () => {
  test.each([
    ['retail_loader', 'before'],
    ['retail_loader', 'after'],
    ['retail_migrator', 'before'],
    ['retail_migrator', 'after'],
  ] as const)(
    'at any call of the rotation of %s, %s it took effect, is retried and succeeds',
    async (role, when) => {
      for (let number = 1; ; number++) {
        let calls = 0;
        const onCall = (call: FunctionCall): CallFault | undefined =>
          isRotator(call) && ++calls === number ? { kind: 'crash', when } : undefined;
        cloud.begin({ onCall });
        const { password: former } = await rotator.secretOf(role);
        await rotateUntilDone(role);
        const { password } = await rotator.secretOf(role);
        expect(password, `call ${number}`).not.toBe(former);
        expect([number, await logsIn(role, password)]).toEqual([number, true]);
        if (calls < number) {
          expect(number).toBeGreaterThan(10);
          break;
        }
      }
      cloud.begin();
      await cloud.drop(cloud.makeFile(100));
      await cloud.expectAccounted();
    },
  );
});

describe('while the database has a new password and the secret the old one', () => {
  test('rows wait in their queue, and none is rejected or dead-lettered', async () => {
    // The rotator dies each time it is about to make the new version the current one.
    cloud.begin({
      onCall: (call) =>
        isRotator(call) && call.action === 'UpdateSecretVersionStage'
          ? { kind: 'crash', when: 'before' }
          : undefined,
    });
    await expect(rotator.rotate('retail_loader')).rejects.toThrow();
    await cloud.drop(cloud.makeFile(100));
    const refusals = async () =>
      (await cloud.logs('load')).filter((line) => JSON.stringify(line).includes('SQLState: 28P01'));
    await expect.poll(refusals, { timeout: 60_000 }).not.toEqual([]);
    expect((await refusals())[0]).toMatchObject({ kind: 'transient' });
    cloud.faults = {};
    await rotateUntilDone('retail_loader');
    await cloud.expectAccounted();
  });

  test.each([
    ['retail_sweeper', 'sweep'],
    ['retail_operator', 'verify'],
  ])('the function that works as %s, the %s, waits for it', async (role, folder) => {
    const inBetween = Promise.withResolvers<void>();
    const plan: FaultPlan = {
      onCall: (call) => {
        if (!isRotator(call) || call.action !== 'UpdateSecretVersionStage') return undefined;
        inBetween.resolve();
        return { kind: 'delay', milliseconds: 1_000 };
      },
    };
    let calls = 0;
    cloud.begin();
    await cloud.drop(cloud.makeFile(10));
    await cloud.expectAccounted();
    cloud.faults = {
      onCall: (call) => {
        if (call.functionName.includes(folder) && call.action === 'ExecuteStatement') calls++;
        return plan.onCall!(call);
      },
    };
    await cloud.cloud.invoke(folder);
    const callsWithout = calls;
    calls = 0;
    const rotation = rotator.rotate(role);
    await inBetween.promise;
    await cloud.cloud.invoke(folder);
    await rotation;
    expect(calls).toBeGreaterThan(callsWithout);
  });
});

test('the connection file has the analyst’s new password', async () => {
  cloud.begin();
  await rotateUntilDone('retail_analyst');
  const running = JSON.parse(await readFile(join(cloud.dataDir, 'running.json'), 'utf8'));
  expect(running.databaseUrl).toBe(cloud.cloud.running.databaseUrl);
  const client = new pg.Client({ connectionString: running.databaseUrl });
  await client.connect();
  await client.end();
});

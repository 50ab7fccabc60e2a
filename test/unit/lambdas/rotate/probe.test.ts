import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Probe } from '../../../../lambdas/rotate/probe.ts';
import type { Credentials, SecretVersions } from '../../../../lambdas/rotate/secret-versions.ts';

const TESTED = { username: 'migrator', password: 'tested' };
const OF_ANOTHER = { username: 'loader', password: 'of another' };
const NONE = ['none', 'none'];

/** Passwords that the database accepts, and the error of a login with any other. */
let accepted: string[];
let refusal: Error;
/** Number of times that another rotation overwrites what this one writes. */
let overwritten: number;
/** Passwords that this rotation wrote into the probe's secret: the last two are the previous and the current version. */
let written: string[];
let held: Credentials;
let logins: number;

beforeEach(() => {
  accepted = ['tested', 'of another'];
  refusal = new Error('FATAL: password authentication failed for user "x"; SQLState: 28P01');
  overwritten = 0;
  written = [];
  held = { username: 'migrator', password: 'left by a function that died' };
  logins = 0;
});

function newProbe(): Probe {
  const secrets: Pick<SecretVersions, 'put' | 'read'> = {
    put: async (_, value) => {
      written.push(value.password);
      held = overwritten-- > 0 ? OF_ANOTHER : value;
    },
    read: async () => held,
  };
  return new Probe(secrets as SecretVersions, 'probe', async () => {
    if (!accepted.includes(held.password)) throw refusal;
    logins += 1;
    return [[held.username]];
  });
}

describe('a login is repeated', () => {
  test('if another rotation used the probe at the same time', async () => {
    overwritten = 2;
    expect(await newProbe().logsIn(TESTED)).toBe(true);
    expect(logins).toBe(3);
  });

  test('if the probe had another password that was refused', async () => {
    overwritten = 1;
    accepted = ['tested'];
    expect(await newProbe().logsIn(TESTED)).toBe(true);
    expect(logins).toBe(1);
  });

  test('for a minute while other rotations use the probe, with few versions', async () => {
    vi.useFakeTimers({ now: 0 });
    overwritten = Number.POSITIVE_INFINITY;
    const outcome = expect(newProbe().logsIn(TESTED)).rejects.toThrow('other rotations use the probe');
    await vi.runAllTimersAsync();
    await outcome;
    expect(Date.now()).toBeGreaterThan(45_000);
    expect(Date.now()).toBeLessThanOrEqual(60_000);
    vi.useRealTimers();
    // A secret has at most 100 versions, and the tests of five roles may run at a time.
    expect(logins).toBeLessThan(40);
  });
});

test('a password that the Data API calls an invalid secret is refused by the database', async () => {
  accepted = [];
  refusal = Object.assign(new Error('The secret is not valid.'), { name: 'InvalidSecretException' });
  expect(await newProbe().logsIn(TESTED)).toBe(false);
});

describe('the probe keeps no password, neither in its current nor in its previous version', () => {
  test.each([
    ['accepted', true],
    ['refused', false],
  ])('that the database %s', async (_, isAccepted) => {
    accepted = isAccepted ? ['tested'] : [];
    expect(await newProbe().logsIn(TESTED)).toBe(isAccepted);
    expect(written).toEqual(['tested', ...NONE]);
  });

  test('with which it ran a statement', async () => {
    await newProbe().run(TESTED, 'SELECT', {});
    expect(written).toEqual(['tested', ...NONE]);
  });

  test('after an error', async () => {
    accepted = [];
    refusal = new Error('no connection');
    await expect(newProbe().logsIn(TESTED)).rejects.toThrow('no connection');
    await expect(newProbe().run(TESTED, 'SELECT', {})).rejects.toThrow('no connection');
    expect(written).toEqual(['tested', ...NONE, 'tested', ...NONE]);
  });

  test('except the one that another rotation is testing', async () => {
    overwritten = 1;
    await newProbe().run(TESTED, 'SELECT', {});
    expect([written, held]).toEqual([['tested'], OF_ANOTHER]);
  });
});

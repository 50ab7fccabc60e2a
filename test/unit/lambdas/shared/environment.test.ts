import { describe, expect, it } from 'vitest';
import {
  CONSUMER_ENVIRONMENT,
  MIGRATE_ENVIRONMENT,
  PARSER_ENVIRONMENT,
  readEnvironment,
} from '../../../../lambdas/shared/environment.ts';

const NAMES = { queueUrl: 'QUEUE_URL', taxPercent: 'TAX_PERCENT', other: 'OTHER' } as const;

describe('readEnvironment', () => {
  it('gives the values under the keys of the names, and nothing else', () => {
    const source = { QUEUE_URL: 'https://q', TAX_PERCENT: '0', OTHER: 'x', PATH: '/bin' };
    expect(readEnvironment(NAMES, source)).toEqual({ queueUrl: 'https://q', taxPercent: '0', other: 'x' });
  });

  it('names every variable that is missing or empty, and none that is there', () => {
    const read = () => readEnvironment(NAMES, { QUEUE_URL: '', OTHER: 'x' });
    expect(read).toThrow(/^missing environment variables QUEUE_URL, TAX_PERCENT:/);
  });

  it('says it in the singular where one is missing', () => {
    const read = () => readEnvironment(NAMES, { QUEUE_URL: 'https://q', OTHER: 'x' });
    expect(read).toThrow(/^missing environment variable TAX_PERCENT:/);
  });

  it.each([
    ['parser', PARSER_ENVIRONMENT],
    ['consumer', CONSUMER_ENVIRONMENT],
    ['migrate', MIGRATE_ENVIRONMENT],
  ])('reads each variable of the %s under one key, none that Lambda keeps for itself', (_name, names) => {
    const variables = Object.values(names);
    expect(new Set(variables).size).toBe(variables.length);
    for (const variable of variables) expect(variable).toMatch(/^(?!AWS_|LAMBDA_|_)[A-Z][A-Z_]*$/);
  });
});

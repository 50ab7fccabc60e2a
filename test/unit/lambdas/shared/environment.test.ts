import { describe, expect, it } from 'vitest';
import { LOADER_VARIABLES } from '../../../../lambdas/load/environment.ts';
import { MIGRATOR_VARIABLES } from '../../../../lambdas/migrate/environment.ts';
import { PARSER_VARIABLES } from '../../../../lambdas/parse/environment.ts';
import { ROTATOR_VARIABLES } from '../../../../lambdas/rotate/environment.ts';
import {
  integer,
  readEnvironment,
  text,
  texts,
  writeEnvironment,
} from '../../../../lambdas/shared/environment.ts';
import { SWEEPER_VARIABLES } from '../../../../lambdas/sweep/environment.ts';
import { VERIFIER_VARIABLES } from '../../../../lambdas/verify/environment.ts';

const DECLARED = {
  queueUrl: text('QUEUE_URL'),
  secretArns: texts('SECRET_ARNS'),
  minutes: integer('MINUTES'),
  basisPoints: integer('BASIS_POINTS', 0, 100),
};
const SOURCE = {
  QUEUE_URL: 'https://q',
  SECRET_ARNS: 'arn:a,arn:b',
  MINUTES: '15',
  BASIS_POINTS: '0',
};

describe('readEnvironment', () => {
  it('returns typed values for the declared variables, and nothing else', () => {
    expect(readEnvironment(DECLARED, { ...SOURCE, PATH: '/bin' })).toEqual({
      queueUrl: 'https://q',
      secretArns: ['arn:a', 'arn:b'],
      minutes: 15,
      basisPoints: 0,
    });
  });

  it.each([
    ['QUEUE_URL', '', 'QUEUE_URL is "", it must be a text that is not empty'],
    ['SECRET_ARNS', '', 'SECRET_ARNS is "", it must be texts separated by commas'],
    ['SECRET_ARNS', 'a,,b', 'SECRET_ARNS is "a,,b", it must be texts separated by commas'],
    ['MINUTES', '0', 'MINUTES is "0", it must be a whole number from 1'],
    ['MINUTES', '1.5', 'MINUTES is "1.5", it must be a whole number from 1'],
    ['MINUTES', '', 'MINUTES is "", it must be a whole number from 1'],
    ['MINUTES', '1e3', 'MINUTES is "1e3", it must be a whole number from 1'],
    ['BASIS_POINTS', '101', 'BASIS_POINTS is "101", it must be a whole number from 0 to 100'],
    ['BASIS_POINTS', '-1', 'BASIS_POINTS is "-1", it must be a whole number from 0 to 100'],
  ])('refuses %s = "%s" with the allowed values', (name, value, message) => {
    expect(() => readEnvironment(DECLARED, { ...SOURCE, [name]: value })).toThrow(message);
  });

  it('accepts a number at each of its limits', () => {
    expect(readEnvironment(DECLARED, { ...SOURCE, MINUTES: '1', BASIS_POINTS: '100' })).toMatchObject({
      minutes: 1,
      basisPoints: 100,
    });
  });

  it('names every wrong variable at once, with what to do', () => {
    const wrong = { QUEUE_URL: undefined, SECRET_ARNS: undefined, MINUTES: 'x' };
    expect(() => readEnvironment(DECLARED, { ...SOURCE, ...wrong })).toThrow(
      'Wrong environment: QUEUE_URL is missing, it must be a text that is not empty; ' +
        'SECRET_ARNS is missing, it must be texts separated by commas; ' +
        'MINUTES is "x", it must be a whole number from 1. ' +
        'lib/ sets these variables: deploy the stage again.',
    );
  });
});

describe('writeEnvironment', () => {
  it('writes the text that readEnvironment reads back', () => {
    const values = readEnvironment(DECLARED, SOURCE);
    expect(writeEnvironment(DECLARED, values)).toEqual(SOURCE);
  });

  it('refuses a value that the function would refuse', () => {
    const values = readEnvironment(DECLARED, SOURCE);
    expect(() => writeEnvironment(DECLARED, { ...values, minutes: 0.5 })).toThrow('MINUTES is "0.5"');
  });
});

it.each([
  ['parser', PARSER_VARIABLES],
  ['loader', LOADER_VARIABLES],
  ['sweeper', SWEEPER_VARIABLES],
  ['verifier', VERIFIER_VARIABLES],
  ['rotator', ROTATOR_VARIABLES],
  ['migrator', MIGRATOR_VARIABLES],
])('the variables of the %s have distinct names, none of which Lambda reserves', (_name, declared) => {
  const names = Object.values(declared).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^(?!AWS_|LAMBDA_|_)[A-Z][A-Z_]*$/);
});

import { Command } from 'commander';
import { expect, test } from 'vitest';
import { UserError } from '../../../../cli/exit-codes.ts';
import { addCost } from '../../../../tools/cost/command.ts';

/** Runs the command in this process. @returns the error with which it ends */
async function fail(...args: string[]): Promise<Error> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addCost(program);
  return program.parseAsync(['cost', ...args], { from: 'user' }).then(
    () => expect.unreachable('the command succeeded'),
    (error: Error) => error,
  );
}

test.each([
  ['a negative number of rows', ['--rows-per-day=-1'], 'whole number from 0'],
  ['half a row', ['--rows-per-day', '0.5'], 'whole number from 0'],
  ['too many rows', ['--rows-per-day', '99999999999'], 'to 10000000000'],
  [
    'a word as the number of files',
    ['--rows-per-day', '5', '--files-per-day', 'many'],
    'whole number from 0',
  ],
  ['zero months', ['--rows-per-day', '5', '--months', '0'], 'whole number from 1'],
  ['an unknown option', ['--rows-per-day', '5', '--free'], 'unknown option'],
])('%s is refused with the allowed values', async (_, args, message) => {
  expect((await fail(...args)).message).toContain(message);
});

test.each([
  ['without a number of rows', [], '--rows-per-day is missing'],
  ['with rows in zero files', ['--rows-per-day', '5', '--files-per-day', '0'], 'rows are uploaded in files'],
])('%s it is wrong usage', async (_, args, message) => {
  const error = await fail(...args);
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(message) });
});

import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { runInProcess } from './run-in-process.ts';

const scriptFor = async (shell: string) => (await runInProcess(['completion', shell])).stdout;

/** Completes the last word as bash does. */
async function complete(...words: string[]): Promise<string[]> {
  const script = `${await scriptFor('bash')}
COMP_WORDS=(retail "$@"); COMP_CWORD=$#; _retail; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
    .trim()
    .split('\n');
}

test('bash completes commands, the options of a command, and otherwise file names', async () => {
  expect(await complete('re')).toEqual(expect.arrayContaining(['rejects', 'replay', 'retract']));
  expect(await complete('rejects', '--c')).toEqual(['--csv']);
  expect(await complete('rejects', 'a.csv', '--op')).toEqual(['--open']);
  expect(await complete('load', 'sam')).toEqual(['']);
});

test.each(['zsh', 'fish'])('the script for %s has every command, and no text ends a quote', async (shell) => {
  const script = await scriptFor(shell);
  for (const name of ['load', 'rejects', 'export']) expect(script).toContain(name);
  for (const line of script.split('\n')) expect((line.match(/'/g) ?? []).length % 2, line).toBe(0);
});

test('another shell is wrong usage', async () => {
  expect((await runInProcess(['completion', 'cmd'])).code).toBe(2);
});

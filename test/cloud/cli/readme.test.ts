import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runRetail, startUp } from '../../support/run-retail.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
const dir = temporaryDir();
const commands = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)]
  .flatMap(([, block]) =>
    block!
      .replace(/\\\n */g, '')
      .trim()
      .split('\n'),
  )
  .filter(
    (line) => /^(npx retail|npm run --silent generate --|curl) /.test(line) && !line.includes('--stage'),
  )
  .map((line) => line.replaceAll('/tmp/', `${dir}/`));

/** Lines that a slow machine prints while a command waits. */
const PROGRESS = expect.stringMatching(/^(?:(?:up)?loading.*\n)*$/);

let up: Awaited<ReturnType<typeof startUp>>;
const retail = (...args: string[]) => runRetail(...args, '--data-dir', join(dir, 'data'));
beforeAll(async () => {
  up = await startUp(join(dir, 'data'));
  await retail('load', join(ROOT, 'samples'));
});
afterAll(async () => {
  up.child.kill('SIGINT');
  await up.outcome;
});

test('the examples of README.md end well, in their order, after the samples were loaded', async () => {
  expect(commands.length).toBeGreaterThan(6);
  for (const command of commands) {
    const words = command.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', ''));
    const [program, , ...args] = words;
    if (program === 'npx') {
      const { code, stdout, stderr } = await retail(...args);
      expect({ command, code, stdout, stderr }).toMatchObject({ code: 0, stderr: PROGRESS });
    } else if (program === 'curl') {
      const { stdout: exports } = await retail('credentials');
      const { stdout } = await promisify(execFile)('bash', [
        '-c',
        `${exports}${command} --silent --show-error`,
      ]);
      expect(JSON.parse(stdout)).toMatchObject({ accepted: 1_000, refused: [] });
    } else {
      const script = [join(ROOT, 'tools/main.ts'), 'generate', ...args.slice(args.indexOf('--') + 1)];
      await promisify(execFile)(process.execPath, script, { cwd: ROOT });
    }
  }
});

test('retail up prints a link to the console after everything else that it says about itself', async () => {
  up.child.kill('SIGINT');
  const { stdout } = await up.outcome;
  const link = /^ {2}http:\/\/127\.0\.0\.1:\d+\/_sign-in\?code=\S+&to=%2F_api%2F\w+%2Fconsole$/m.exec(stdout);
  expect(link?.index).toBeGreaterThan(stdout.indexOf('with the credentials of a till:'));
});

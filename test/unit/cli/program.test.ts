import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { CloudClient } from '../../../cli/cloud-client.ts';
import { createProgram, createTerminalContext } from '../../../cli/main.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { runInProcess } from './run-in-process.ts';

afterEach(() => vi.unstubAllEnvs());

const COMMANDS = createProgram(createTerminalContext(async () => undefined)).commands.map((command) =>
  command.name(),
);

test('the program has these commands', () => {
  expect(COMMANDS).toEqual([
    'up',
    'console',
    'check',
    'load',
    'send',
    'watch',
    'import-history',
    'uploads',
    'rejects',
    'waive',
    'query',
    'export',
    'verify',
    'replay',
    'retract',
    'restate',
    'move',
    'dlq',
    'redrive',
    'discard',
    'drill',
    'webhook-key',
    'credentials',
    'completion',
  ]);
});

test('--help lists every command and every exit code', async () => {
  const { code, stdout } = await runInProcess(['--help']);
  expect(code).toBe(0);
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
  for (const exit of [0, 1, 2, 3]) expect(stdout).toMatch(new RegExp(`^ {2}${exit} {2}\\w`, 'm'));
});

test('--version shows the version of the package', async () => {
  expect(await runInProcess(['--version'])).toMatchObject({ code: 0, stdout: packageJson.version });
});

test.each(COMMANDS)('%s --help shows its usage and its options', async (name) => {
  const { code, stdout, clouds } = await runInProcess([name, '--help']);
  expect({ code, clouds }).toEqual({ code: 0, clouds: [] });
  expect(stdout).toContain(`Usage: retail ${name}`);
  expect(stdout.includes('--data-dir')).toBe(!['check', 'completion'].includes(name));
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  expect(stdout.includes('--stage')).toBe(
    !['up', 'console', 'watch', 'drill', 'credentials', 'completion'].includes(name),
  );
});

describe('wrong usage exits with 2, before a cloud is used', () => {
  test.each([
    [[], 'Usage: retail'],
    [['uplods'], "unknown command 'uplods'\n(Did you mean uploads?)"],
    [['uploads', '--nonsense'], "unknown option '--nonsense'"],
    [['query', 'nonsense'], 'there is no query "nonsense". The queries are balance-by-date'],
    [['query', 'balance-by-date'], 'needs --param product='],
    [['query', 'balance-by-date', '--param', 'produkt=x'], 'it takes --param product='],
    [['query', 'balance-by-date', '--param', 'product'], '"product" is not a parameter of balance-by-date'],
    [['query', 'total-sell-inc-tax', '--param', 'a=b'], 'it takes no parameters'],
    [
      ['query', 'transactions-on-date', '--param', 'date=15/03/2025'],
      'the parameter date of transactions-on-date is an existing date of the form YYYY-MM-DD, such as 2025-03-15, and not "15/03/2025"',
    ],
    [['query', 'transactions-on-date', '--param', 'date=03/15/2025'], 'such as 2025-03-15, and not'],
    [
      ['query', 'transactions-on-date', '--param', 'date=04/03/2025'],
      'such as 2025-03-04 or 2025-04-03, and',
    ],
    [['query', 'transactions-on-date', '--param', 'date=2025-02-29'], 'such as 2025-03-15, and not'],
    [['load'], "missing required argument 'path'"],
    [['load', 'x.csv', '--store', 'a/b'], 'at most 63 letters, digits'],
    [['uploads', '--limit', '0'], 'Use a whole number from 1 to 1000000.'],
    [['uploads', '--limit', '1e3'], 'Use a whole number from 1'],
    [['uploads', '--limit', '1000001'], 'Use a whole number from 1'],
    [['up', '--port', '65536'], 'Use a whole number from 0 to 65535.'],
    [['up', '--stage', 'dev'], 'This command works only on this machine.'],
    [
      ['uploads', '--stage', 'dev', '--data-dir', 'x'],
      "option '--stage <name>' cannot be used with option '--data-dir <dir>'",
    ],
    [['uploads', '--region', 'eu-west-1'], '--region requires --stage'],
    [['uploads', '--profile', 'shop'], '--profile requires --stage'],
    [['uploads', '--stage', 'Dev!'], 'at most 12 lowercase letters and digits'],
    [['replay'], 'replay needs one of: object keys, --since, --all'],
    [['replay', 'incoming/a.csv', '--all'], 'replay needs one of'],
    [['replay', '--all', '--since', '2024-05-01'], "option '--all' cannot be used with option '--since"],
    [['replay', '--all', '--no-wait'], '--no-wait requires --unordered'],
    [['replay', '--since', '1.5.2024'], 'Use an existing date of the form YYYY-MM-DD.'],
    [['uploads', '--since', '2024-02-30'], 'Use an existing date of the form YYYY-MM-DD.'],
    [['replay', '--since', '2024-13-01'], 'Use an existing date of the form YYYY-MM-DD.'],
    [['replay', 'rejected/a.csv'], 'rejected/a.csv is not an upload key (keys start with incoming/)'],
    [['redrive'], 'or --all'],
    [['redrive', 'abcd', '--all'], 'or --all'],
    [['discard', '--reason', 'poison', '--save', 'x'], 'or --all'],
    [['discard', 'abcd', '--save', 'x'], "required option '--reason <text>' not specified"],
    [['discard', 'abcd', '--reason', ' ', '--save', 'x'], 'Write a reason.'],
    [['discard', 'abcd', '--reason', 'poison'], "required option '--save <file>' not specified"],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr, clouds } = await runInProcess(args);
    expect({ code, stdout, clouds }).toEqual({ code: 2, stdout: '', clouds: [] });
    expect(stderr).toContain(message);
  });
});

describe('a failure exits with 1, before a cloud is used', () => {
  test.each([
    [['load', 'nowhere.csv'], 'nowhere.csv cannot be read: ENOENT'],
    [['send', 'nowhere.ndjson'], 'nowhere.ndjson cannot be read: ENOENT'],
    [['send', 'docs'], 'docs is not a file'],
    [['load', 'docs'], 'the folder docs has no file that ends with .csv'],
    [['rejects', 'a.csv', '--csv', 'README.md'], 'README.md already exists: choose another name'],
    [['import-history', 'nowhere.db'], 'nowhere.db does not exist'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr, clouds } = await runInProcess(args);
    expect({ code, stdout, clouds }).toEqual({ code: 1, stdout: '', clouds: [] });
    expect(stderr).toBe(`retail: ${stderr.slice('retail: '.length)}`);
    expect(stderr).toContain(message);
  });
});

describe('the options choose the cloud', () => {
  const query = async () => [];
  const cloudOf = async (...args: string[]) =>
    (await runInProcess(['uploads', ...args], { query })).clouds[0];

  test('a local one: .retail of the project, or the data directory of the environment or the command line', async () => {
    vi.stubEnv('RETAIL_DATA_DIR', undefined);
    expect(await cloudOf()).toMatchObject({
      dataDir: fileURLToPath(new URL('../../../.retail', import.meta.url)),
    });
    vi.stubEnv('RETAIL_DATA_DIR', 'from-environment');
    expect(await cloudOf()).toMatchObject({ dataDir: 'from-environment' });
    expect(await cloudOf('--data-dir', 'given')).toMatchObject({ dataDir: 'given' });
    expect(await cloudOf()).not.toHaveProperty('stage');
  });

  test('a stage, even if the environment has a data directory', async () => {
    vi.stubEnv('RETAIL_DATA_DIR', 'from-environment');
    expect(await cloudOf('--stage', 'dev', '--profile', 'shop', '--region', 'eu-west-1')).toMatchObject({
      stage: 'dev',
      profile: 'shop',
      region: 'eu-west-1',
    });
  });
});

test('send says how a stage without the API gets one', async () => {
  const client = { access: { outputs: {}, name: 'the stage dev' } } as unknown as CloudClient;
  expect(await runInProcess(['send', 'README.md', '--stage', 'dev'], client)).toMatchObject({
    code: 1,
    stderr: 'retail: the stage dev has no API: set retail:api to true in cdk.json, and deploy again',
  });
});

test('query without a name lists the queries with their parameters, without a cloud', async () => {
  const { stdout, code, clouds } = await runInProcess(['query']);
  expect({ code, clouds }).toEqual({ code: 0, clouds: [] });
  expect(stdout).toMatch(/balance-by-date +product/);
});

test('an error of the database is shown without its position and code', async () => {
  const query = async () => {
    const message = 'ERROR: relation "a;b" does not exist; Position: 15; SQLState: 42P01';
    throw Object.assign(new Error(message), { name: 'DatabaseErrorException' });
  };
  expect(await runInProcess(['query', 'total-sell-inc-tax'], { query })).toMatchObject({
    code: 1,
    stderr:
      'retail: the database refused the query total-sell-inc-tax (sql/queries/total-sell-inc-tax.sql): ' +
      'relation "a;b" does not exist',
  });
});

test('an unexpected error exits with 1, and RETAIL_DEBUG=1 shows its stack', async () => {
  const query = async () => {
    throw new TypeError('x is not a function');
  };
  expect(await runInProcess(['uploads'], { query })).toMatchObject({
    code: 1,
    stderr: 'retail: x is not a function',
  });
  vi.stubEnv('RETAIL_DEBUG', '1');
  const { stderr } = await runInProcess(['uploads'], { query });
  expect(stderr).toMatch(/TypeError: x is not a function\n +at /);
});

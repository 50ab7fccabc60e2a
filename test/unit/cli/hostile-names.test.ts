import { describe, expect, test } from 'vitest';
import type { CloudClient } from '../../../cli/cloud-client.ts';
import { printAnswers } from '../../../cli/commands/query.ts';
import { createIo, formatCommand, quoteForShell } from '../../../cli/output/console.ts';
import { escapeText } from '../../../cli/output/escape.ts';
import { runInProcess } from './run-in-process.ts';

const ESC = '\u001b';
const FORGED = 'retail_05_02_2025_nl\nretail: all rows inserted.csv';
const NAMES = [
  'retail_05_02_2025_$(touch$' + '{IFS}PWNED).csv',
  'retail_05_02_2025_;touch$' + '{IFS}PWNED2;.csv',
  'retail_05_02_2025_`touch PWNED`\'"&|<>.csv',
  `retail_05_02_2025_${ESC}]0;PWNED\u0007${ESC}[31m.csv`,
  'retail_05_02_2025_\u009b31m\u007f\r\t.csv',
  'retail_05_02_2025_\u202evsc.live\u2069\u200f.csv',
  FORGED,
];
/** Everything that a terminal could obey, except for the line ends between the lines of the output. */
const UNSAFE = /[^\P{Cc}\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
const UPLOAD_ID = '11111111-2222-4333-8444-555555555555';

/** A cloud with one upload of this name, whose rows and titles have the same text. */
function cloudWith(name: string): Partial<CloudClient> {
  const key = `incoming/store=main/${name}`;
  const counts = { rowsRead: 1, rowsInserted: 0, rowsDuplicate: 0, rowsConflicting: 1, rowsRejected: 1 };
  const times = { receivedAt: '2025-02-05T00:00:00Z', startedAt: '2025-02-05T00:00:00Z', completedAt: null };
  const format = JSON.stringify({ unknownColumns: [name] });
  const failure = { failureCode: 'x', failureMessage: name };
  const upload = { uploadId: UPLOAD_ID, key, storeId: 'main', status: 'failed', header: name };
  const stated = { state: 'open', corrected_by: null, reason: name, first_file: name, first_line: 2 };
  const reject = { line: 2, column_name: name, code: 'x', message: name };
  const rejected = { ...reject, ...stated, characters: 1, text: name };
  const conflicting = {
    line: 3,
    id: 'id',
    stored_key: key,
    stored_line: 1,
    stored_name: name,
    here_name: name,
  };
  return {
    access: { flags: [] } as never,
    commandLine: formatCommand,
    query: async (sql, parameters) => {
      if (parameters?.after !== undefined && parameters.after !== '0') return [];
      if (sql.includes('GROUP BY code')) return [{ code: name, column: name, rows: 1, open: 1 }];
      if (sql.includes('count(*) AS conflicting')) return [{ conflicting: 1 }];
      if (sql.includes('count(*) AS rows')) return [{ ...upload, ...times, code: name, rows: 1 }];
      if (sql.includes('ledger.reject_states')) return [rejected];
      if (sql.includes('ledger.other_versions')) return [conflicting];
      return [{ ...upload, ...counts, ...times, ...failure, format }];
    },
  };
}

describe.each(NAMES)('the name %j', (name) => {
  test.each([
    ['uploads'],
    ['uploads', '--json'],
    ['rejects'],
    ['rejects', 'a.csv'],
    ['rejects', 'a.csv', '--json'],
  ])('does not reach the terminal as it is through %j %j', async (...args) => {
    const { code, stdout, stderr } = await runInProcess(args, cloudWith(name));
    expect(code, stderr).toBe(0);
    expect(stdout).not.toMatch(UNSAFE);
    expect(stdout).not.toMatch(/^retail: /m);
    expect(stdout).toContain('retail_05_02_2025_');
    if (args.includes('--json')) expect(JSON.stringify(JSON.parse(stdout))).toContain(JSON.stringify(name));
  });

  test('is not in the command that is printed to be copied', async () => {
    const { stdout } = await runInProcess(['rejects', 'a.csv'], cloudWith(name));
    const [, command] = /^ {2}(?:npx )?retail (.*)$/m.exec(stdout)!;
    expect(command).toMatch(/^rejects 11111111 --csv retail_05_02_2025_[A-Za-z0-9._-]*_corrected\.csv$/);
  });

  test('stays in its line in an error', async () => {
    const query = async () => {
      throw new Error(`cannot read ${name}`);
    };
    const { stderr } = await runInProcess(['uploads'], { query });
    expect(stderr).not.toMatch(UNSAFE);
    expect(stderr.match(/^\S.*$/gm)).toHaveLength(1);
  });
});

test('a denied request stays in its line', () => {
  const noted: string[] = [];
  const io = createIo({ print: () => {}, note: (text) => noted.push(text), showProgress: () => {} });
  io.note(`User: a is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/${FORGED}`);
  expect(noted.join('').split('\n')).toHaveLength(1);
});

test('the progress line shows no control character', () => {
  let shown: string | undefined;
  const io = createIo({ print: () => {}, note: () => {}, showProgress: (text) => (shown = text) });
  io.showProgress(`uploading ${FORGED}`);
  expect(shown).toBe('uploading retail_05_02_2025_nl\\nretail: all rows inserted.csv');
  io.showProgress(undefined);
  expect(shown).toBeUndefined();
});

test('the command of an answer quotes the name of the product', async () => {
  const printed: string[] = [];
  const io = createIo({ print: (text) => printed.push(text), note: () => {}, showProgress: () => {} });
  const query = async () => [{ date: '2025-02-05', product: 'Dishwasher Tablets "All in 1"' }];
  await printAnswers({ query, commandLine: formatCommand } as Partial<CloudClient> as CloudClient, io);
  expect(printed.join('\n')).toContain(
    `retail query balance-by-date --param 'product=Dishwasher Tablets "All in 1"'`,
  );
});

test('letters and emoji of every script are shown as they are', () => {
  for (const text of ['Käse 30 %', 'קפה', 'قهوة', '👩‍🍳', 'a\u0301', 'C:\\new'])
    expect(escapeText(text)).toBe(text);
});

test.each([
  ['retail_05_02_2025.csv', 'retail_05_02_2025.csv'],
  ['--stage', '--stage'],
  ['product=Milk', 'product=Milk'],
  ['', "''"],
  ['product=Dishwasher Tablets "All in 1"', `'product=Dishwasher Tablets "All in 1"'`],
  ["product=Baker's", `'product=Baker'\\''s'`],
  ['$(x) `x` ;x', "'$(x) `x` ;x'"],
  ['a\\b', "'a\\b'"],
  ["it's\n\\n\u202e", "$'it\\'s\\n\\\\n\\u202e'"],
])('the word %j is quoted as %s', (word, quoted) => expect(quoteForShell(word)).toBe(quoted));

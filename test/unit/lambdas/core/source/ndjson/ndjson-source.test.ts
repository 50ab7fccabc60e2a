import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createItemCheck } from '../../../../../../lambdas/core/items.ts';
import { type Checkpoint, type ParseSettings, parseBatches } from '../../../../../../lambdas/core/parse.ts';
import { encodeMessage, type RowBatch } from '../../../../../../lambdas/core/row-batch.ts';
import { DEFAULT_RULES } from '../../../../../../lambdas/core/rules.ts';
import { chooseSource } from '../../../../../../lambdas/core/source/sources.ts';
import { parseAll } from '../../../../../support/parse-all.ts';
import { cut } from '../../../../../support/pieces.ts';
import { uploadOf } from '../../../../../support/upload-fixture.ts';

const SETTINGS = { rules: DEFAULT_RULES, maxMessageBytes: 1_048_576 };
const KEY = 'incoming/store=paris-12/api/2025-03-15/10-11-12-0a1b2c3d4e5f.ndjson';
const ID = '00000000-0000-4000-8000-000000000001';
const RECEIPT = '0284f92e-54f7-8766-880d-2cc5a8993a89';
const GOOD = `{"id":"${ID}","transaction_date":"2025-03-15","category":"SELL","description":"Tee 🍵","quantity":1,"amount_excl_tax":1.00,"amount_inc_tax":"1.20"}`;
const LINES = [
  GOOD,
  GOOD,
  `${GOOD.slice(0, -1)},"till":[1]}`,
  GOOD.replace('1.00', '1.000'),
  GOOD.replace('SELL', 'sell, "x"'),
  GOOD.replace('"id"', '"name"'),
  GOOD.slice(1),
  '[]',
  '',
  ' \t',
  '\ufeffx',
  `{"${'é'.repeat(65_540)}`,
];
const lines = fc.array(fc.constantFrom(...LINES), { minLength: 1, maxLength: 60, size: 'max' });
const sizes = fc.array(fc.integer({ min: 1_000, max: 90_000 }), { minLength: 1, maxLength: 4 });
const calls = (...items: number[]) =>
  JSON.stringify({ calls: items.map((count) => ({ receipt: RECEIPT, items: count })) });

/** Parses in several runs, each of which stops after its first batch and reads chunks of other sizes. */
async function parseInRuns(
  key: string,
  content: Buffer,
  sizesOfRun: (run: number) => readonly number[],
  settings: ParseSettings,
) {
  const batches: RowBatch[] = [];
  let checkpoint: Checkpoint | undefined;
  for (let run = 0; ; run++) {
    async function* chunks() {
      yield* cut(content.subarray(checkpoint?.source.byte ?? 0), sizesOfRun(run));
    }
    for await (const parsed of parseBatches(uploadOf(key), { chunks: chunks(), checkpoint }, settings)) {
      batches.push(parsed.batch);
      if (parsed.next === undefined) return batches;
      checkpoint = JSON.parse(JSON.stringify(parsed.next)) as Checkpoint;
      break;
    }
  }
}

test.each([
  ['.ndjson', KEY],
  ['.txt', KEY.replace('.ndjson', '.txt')],
])('a %s parsed in any chunks and any number of runs gives the same batches', async (_ending, key) => {
  const settings = { ...SETTINGS, maxMessageBytes: 600_000 };
  const texts = fc.record({
    lines,
    newline: fc.constantFrom('\n', '\r\n'),
    mark: fc.constantFrom('', '\ufeff'),
  });
  await fc.assert(
    fc.asyncProperty(texts, fc.array(sizes, { minLength: 1, maxLength: 3 }), async (text, cuts) => {
      const content = Buffer.from(text.mark + [GOOD, ...text.lines].join(text.newline));
      const whole = await parseAll(uploadOf(key), [content], settings);
      const inRuns = await parseInRuns(key, content, (run) => cuts[run % cuts.length]!, settings);
      expect(inRuns.map(encodeMessage)).toEqual(whole.batches.map(encodeMessage));
      const inChunks = await parseAll(uploadOf(key), cut(content, cuts[0]!), settings);
      expect(inChunks.batches.map(encodeMessage)).toEqual(whole.batches.map(encodeMessage));
    }),
    { numRuns: 10 },
  );
});

test('a file of collected calls gives the same batches in runs as in one, with its receipts in the first', async () => {
  const items = Array.from({ length: 12_000 }, (_, index) => LINES[index % 8]!);
  const content = Buffer.from([calls(1, 0, 11_999), ...items].join('\n'));
  const settings = { ...SETTINGS, maxMessageBytes: 524_288 };
  const { batches } = await parseAll(uploadOf(KEY), [content], settings);
  const inRuns = await parseInRuns(KEY, content, () => [50_000], settings);
  expect(inRuns.map(encodeMessage)).toEqual(batches.map(encodeMessage));
  expect(batches.length).toBeGreaterThan(4);
  expect(batches.map(({ receipts }) => receipts)).toEqual([
    [
      { receipt: RECEIPT, firstLine: 2, items: 1 },
      { receipt: RECEIPT, firstLine: 3, items: 0 },
      { receipt: RECEIPT, firstLine: 3, items: 11_999 },
    ],
    ...batches.slice(1).map(() => undefined),
  ]);
  expect(batches.at(-1)!.closing).toMatchObject({ rowsRead: 12_000, format: { manifest: 'used' } });
});

test.each([
  ['fewer lines', [calls(2), GOOD], 'ignored'],
  ['more lines', [calls(1), GOOD, GOOD], 'ignored'],
  ['a blank line between the items', [calls(2), GOOD, '', GOOD], 'ignored'],
  ['blank lines below the items', [calls(1, 1), GOOD, GOOD, '', ''], 'used'],
  ['no items', [calls(0)], 'used'],
])('a manifest with %s is %s', async (_what, text, manifest) => {
  const { batches, totals } = await parseAll(uploadOf(KEY), [Buffer.from(text.join('\n'))], SETTINGS);
  expect(batches.at(-1)!.closing!.format!.manifest).toBe(manifest);
  expect(totals.rowsRead).toBe(text.filter((line) => line === GOOD).length);
});

test.each([
  '{"calls":[]}',
  '{"calls":[{"receipt":"x","items":1}]}',
  `{"calls":[{"receipt":"${RECEIPT}","items":1.5}]}`,
  `{"calls":[{"receipt":"${RECEIPT}","items":-1}]}`,
  `{"calls":[{"receipt":"${RECEIPT}","items":2147483647}]}`,
  `{"calls":[null]}`,
  `{"calls":[{"receipt":"${RECEIPT}","items":1}],"id":1}`,
  `{"calls":[{"receipt":"${RECEIPT}","items":1}],"discarded":1}`,
  '{"discarded":"reason"}',
])('%s is not a manifest but an item', async (line) => {
  const { batches, rejects } = await parseAll(uploadOf(KEY), [Buffer.from(`${line}\n${GOOD}`)], SETTINGS);
  expect(rejects.map((reject) => reject.line)).toEqual([1]);
  expect(batches[0]).not.toHaveProperty('receipts');
});

test('a manifest with the reason of an operator refuses the file, and its receipts have the reason', async () => {
  const discarded = `Test\u0000 by ${'x'.repeat(2_000)}`;
  const manifest = JSON.stringify({ ...JSON.parse(calls(2)), discarded });
  const { batches } = await parseAll(uploadOf(KEY), [Buffer.from(`${manifest}\n${GOOD}\nbroken`)], SETTINGS);
  expect(batches).toMatchObject([
    {
      rowCount: 0,
      rejects: [],
      receipts: [{ receipt: RECEIPT, firstLine: 2, items: 2 }],
      closing: { rowsRead: 0, failure: { code: 'call-discarded' } },
    },
  ]);
  const { message = '' } = batches[0]!.closing!.failure!;
  expect(message).toMatch(/^An operator discarded the calls of this file: Test␀ by x{990,}…$/);
});

test('the longest manifest has a separate batch and keeps the limit of a message', async () => {
  const text = calls(...Array.from({ length: 4_200 }, () => 1));
  expect(text.length).toBeGreaterThan(255_000);
  const big = GOOD.replace('Tee', '\\u0001'.repeat(10_000)).replace('SELL', 'x');
  const content = Buffer.from(
    [text, ...Array.from({ length: 4_200 }, (_, index) => (index === 0 ? big : GOOD))].join('\n'),
  );
  const settings = { ...SETTINGS, maxMessageBytes: 360_000 };
  const { batches } = await parseAll(uploadOf(KEY), [content], settings);
  expect(batches[0]).toMatchObject({ rowCount: 0, rejects: [], receipts: { length: 4_200 } });
  expect(Math.max(...batches.map((batch) => encodeMessage(batch).length))).toBeLessThanOrEqual(360_000);
  expect(batches.at(-1)!.closing!.format!.manifest).toBe('used');
});

test('a manifest counts only in a file that ends in .ndjson', async () => {
  const content = Buffer.from(`${calls(1)}\n${GOOD}`);
  const { batches } = await parseAll(uploadOf(KEY.replace('ndjson', 'jsonl')), [content], SETTINGS);
  expect(batches[0]).not.toHaveProperty('receipts');
  expect(batches[0]!.rejects).toMatchObject([{ line: 1, code: 'id-missing' }]);
});

test.each(['ignore', 'refuse'] as const)(
  'an item is judged alike alone and in a file (%s)',
  async (unknownColumns) => {
    const rules = { ...DEFAULT_RULES, unknownColumns };
    const settings = { ...SETTINGS, rules };
    const check = createItemCheck(rules, '2025-03-15T00:00:00Z');
    const value = fc.oneof(
      fc.constantFrom(
        `"${ID}"`,
        '"SELL"',
        '"Tea"',
        '1',
        '1.00',
        '1.20',
        '1.200',
        '"1.200"',
        '"2025-03-15"',
        'null',
        '"Total"',
      ),
      fc.json(),
      fc.string().map((text) => JSON.stringify(text)),
    );
    const names = [
      'id',
      'transaction_date',
      'category',
      'name',
      'description',
      'quantity',
      'amount_excl_tax',
      'amount_inc_tax',
      'x',
    ];
    const member = fc.tuple(fc.constantFrom(...names), value).map(([name, text]) => `"${name}":${text}`);
    const item = fc.oneof(
      fc.array(member, { maxLength: 9 }).map((members) => `{${members.join(',')}}`),
      fc.constantFrom(...LINES),
      fc.json(),
      fc.string(),
    );
    const isLine = (text: string) => text.trim() !== '' && !text.includes('\n');
    await fc.assert(
      fc.asyncProperty(fc.array(item.filter(isLine), { minLength: 1, maxLength: 8 }), async (items) => {
        const text = items.map((line) => line.toWellFormed());
        const content = Buffer.from([calls(text.length), ...text].join('\n'));
        const { rejects } = await parseAll(uploadOf(KEY), [content], settings);
        const alone = text.map((line) => check(line).problems[0]);
        const inFile = text.map((_, index) => rejects.find(({ line }) => line === index + 2));
        expect(inFile.map((reject) => reject && [reject.column, reject.code])).toEqual(
          alone.map((problem) => problem && [problem.column, problem.code]),
        );
      }),
      { numRuns: 200 },
    );
  },
);

test('rejected items are lines of CSV under the canonical header, and other lines are one value', async () => {
  const { batches, rejects } = await parseAll(
    uploadOf('incoming/store=paris-12/retail_15_01_2022.ndjson'),
    [
      Buffer.from(
        [
          `{"quantity":1.234,"name":"a,\\"b\\"","id":"${ID}","amount_excl_tax":1.234}`,
          `{"id":"${ID}","category":[1,"x"]}`,
          '{"id":"a,b"',
        ].join('\n'),
      ),
    ],
    SETTINGS,
  );
  expect(batches[0]!.header).toBe(
    'id,transaction_date,category,description,quantity,amount_excl_tax,amount_inc_tax,tax_rate',
  );
  expect(rejects.map(({ text }) => text)).toEqual([
    `${ID},2022-01-15,,"a,""b""",1.2340,1.234,,`,
    `${ID},2022-01-15,"[1,""x""]",,,,,`,
    '{"id":"a,b"',
  ]);
});

test('the summary names at most twenty ignored members, as PostgreSQL can store them', async () => {
  const names = [
    '\\u0000',
    '\\ud83c',
    'x'.repeat(1_000),
    ...Array.from({ length: 30 }, (_, index) => `m${index}`),
  ];
  const content = Buffer.from(`{${names.map((name) => `"${name}":1`).join(',')}}`);
  const { batches } = await parseAll(uploadOf(KEY), [content], SETTINGS);
  const { unknownColumns } = batches[0]!.format!;
  expect(unknownColumns!.slice(0, 4)).toEqual(['␀', '\ufffd', `${'x'.repeat(60)}…`, 'm0']);
  expect(unknownColumns).toHaveLength(20);
});

test('a line of 1 MB costs one rejected row and little time', async () => {
  const content = Buffer.from(`{"id":"${'x'.repeat(1_000_000)}"}\n${GOOD}\n`);
  const start = performance.now();
  const { rejects, totals } = await parseAll(uploadOf(KEY), cut(content, [1_000]), SETTINGS);
  expect(rejects).toMatchObject([{ line: 1, code: 'row-too-long' }]);
  expect(rejects[0]!.text).toHaveLength(65_536);
  expect(totals.rowsRead).toBe(2);
  expect(performance.now() - start).toBeLessThan(2_000);
});

test.each([
  ['a.csv', GOOD, 'NDJSON'],
  ['a.TXT', ` \r\n\t${GOOD}`, 'NDJSON'],
  ['a.unknown', `\ufeff${GOOD}`, 'NDJSON'],
  ['a.JSONL.gz', GOOD, 'NDJSON'],
  ['a.ndjson', 'id,category', 'NDJSON'],
  ['a.csv', `${' '.repeat(300_000)}${GOOD}`, undefined],
  ['a.csv', '{\n  "id": 1\n}', undefined],
  ['a.csv', `[${GOOD}]`, undefined],
  ['a.csv', '', undefined],
])('%s that begins with %.20s is read as %s', (fileName, text, syntax) => {
  const bytes = Buffer.from(text);
  for (const size of [1, 3, 1_000_000]) {
    const source = chooseSource(fileName)(undefined, { fileName, date: undefined, rules: DEFAULT_RULES });
    for (const chunk of cut(bytes, [bytes.length > 1_000 ? 4_096 * size : size])) source.read(chunk);
    source.end();
    expect(source.format?.summary.syntax, `in chunks of ${size}`).toBe(syntax);
    if (syntax === undefined) expect(source.failure?.code).toMatch(/^(?:not-csv|file-empty)$/);
  }
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HEAD_CHARACTERS } from '../../../../lambdas/core/detect/detect-format.ts';
import { type Checkpoint, type ParseSettings, parseBatches } from '../../../../lambdas/core/parse.ts';
import type { Profile } from '../../../../lambdas/core/profile.ts';
import { encodeMessage, type RowBatch } from '../../../../lambdas/core/row-batch.ts';
import { DEFAULT_RULES } from '../../../../lambdas/core/rules.ts';
import { encodeCheckpoint } from '../../../../lambdas/shared/upload-message.ts';
import { parseAll } from '../../../support/parse-all.ts';
import { cut } from '../../../support/pieces.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

/** A profile by which ids are computed, so that no UUID shows where a row is. */
const PROFILE: Profile = { name: 'till', id: { from: ['id'] } };
const SETTINGS = { rules: DEFAULT_RULES, maxMessageBytes: 3_000 };
const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const GOOD = '00000000-0000-4000-8000-000000000001,SELL,Tee 🍵,1,1.00,1.20';
const LINES = [
  GOOD,
  GOOD,
  `"${GOOD}`,
  `${GOOD.replace('Tee', '"Tee\n,')}"`,
  'x',
  '',
  '\ufeffx',
  'é,"a\nb",🍵',
  HEADER,
  'Total,,,,3,3.6',
];

/** Parses in several runs: each stops after its first batch, and reads chunks of other sizes. */
async function parseInRuns(
  content: Buffer,
  sizesOfRun: (run: number) => readonly number[],
  settings: ParseSettings = SETTINGS,
) {
  const batches: RowBatch[] = [];
  let checkpoint: Checkpoint | undefined;
  for (let run = 0; ; run++) {
    const begin = checkpoint?.source.byte ?? 0;
    async function* chunks() {
      yield* cut(content.subarray(begin), sizesOfRun(run));
    }
    for await (const parsed of parseBatches(uploadOf(), { chunks: chunks(), checkpoint }, settings)) {
      batches.push(parsed.batch);
      if (parsed.next === undefined) return { batches, totals: parsed.totals, runs: run + 1 };
      // It travels in a message.
      checkpoint = JSON.parse(JSON.stringify(parsed.next)) as Checkpoint;
      break;
    }
  }
}

/** Few long rows that fill the head, so that the format is known and the rows below are read chunk by chunk. */
const LONG = GOOD.replace('Tee', 'x'.repeat(60_000));
const HEAD = Array.from({ length: Math.ceil(HEAD_CHARACTERS / LONG.length) }, () => LONG);
const sizes = fc.array(fc.integer({ min: 100, max: 5_000 }), { minLength: 1, maxLength: 4 });

test('a parse that stops and continues any number of times gives the batches of an uninterrupted one', async () => {
  const texts = fc.record({
    lines: fc.array(fc.constantFrom(...LINES), { maxLength: 300, size: 'max' }),
    newline: fc.constantFrom('\n', '\r\n', '\r'),
    mark: fc.constantFrom('', '\ufeff'),
    rules: fc.constantFrom(DEFAULT_RULES, { ...DEFAULT_RULES, profile: PROFILE }),
  });
  await fc.assert(
    fc.asyncProperty(texts, fc.array(sizes, { minLength: 1, maxLength: 3 }), async (text, cuts) => {
      const content = Buffer.from(text.mark + [HEADER, ...HEAD, ...text.lines].join(text.newline));
      const settings = { ...SETTINGS, rules: text.rules };
      const whole = await parseAll(uploadOf(), [content], settings);
      const inRuns = await parseInRuns(content, (run) => cuts[run % cuts.length]!, settings);
      expect(inRuns.totals).toEqual(whole.totals);
      expect(inRuns.batches.map(encodeMessage)).toEqual(whole.batches.map(encodeMessage));
    }),
    { numRuns: 16 },
  );
});

test('a large file is parsed in many runs, with total lines and repeated headers between its rows', async () => {
  const lines = Array.from({ length: 9_000 }, (_, index) => LINES[index % LINES.length]!);
  const content = Buffer.from([HEADER, ...lines].join('\n'));
  const settings = { ...SETTINGS, maxMessageBytes: 16_000 };
  const whole = await parseAll(uploadOf(), [content], settings);
  const { batches, totals, runs } = await parseInRuns(content, () => [10_000], settings);
  expect(runs).toBeGreaterThan(20);
  expect(totals).toEqual(whole.totals);
  expect(batches.map(({ batch }) => batch)).toEqual(whole.batches.map(({ batch }) => batch));
  expect(batches.map(encodeMessage)).toEqual(whole.batches.map(encodeMessage));
  expect(batches.at(-1)!.closing?.format?.skippedLines).toEqual({ headers: 900, totals: 900 });
});

test('a checkpoint does not change while the parse goes on after it', async () => {
  const lines = Array.from({ length: 2_000 }, (_, index) => LINES[index % LINES.length]!);
  const { checkpoints } = await parseAll(uploadOf(), [Buffer.from([HEADER, ...lines].join('\n'))], SETTINGS);
  const skipped = checkpoints.map(({ skippedLines }) => skippedLines.totals);
  expect(skipped.length).toBeGreaterThan(10);
  expect(skipped).toEqual([...skipped].sort((a, b) => a - b));
  expect(skipped[0]).toBeLessThan(skipped.at(-1)!);
  expect(checkpoints.map(({ batch }) => batch)).toEqual(checkpoints.map((_, index) => index + 2));
});

test('stopping early closes the bytes', async () => {
  let isClosed = false;
  async function* chunks() {
    try {
      for (let count = 0; count < 1_000; count++) yield Buffer.from(`${count === 0 ? HEADER : ''}\n${GOOD}`);
    } finally {
      isClosed = true;
    }
  }
  for await (const { next } of parseBatches(uploadOf(), { chunks: chunks() }, SETTINGS)) {
    expect(next).toMatchObject({ batch: 2, source: { byte: 0 }, rowsRejected: 0 });
    break;
  }
  expect(isClosed).toBe(true);
});

test('a checkpoint fits into a message, with the longest header and an incomplete record', async () => {
  const header = `${HEADER},${'é'.repeat(8_000)}`;
  const begin = Buffer.from([header, `${`${GOOD},\n`.repeat(4_500)}"${'\u0001'.repeat(60_000)}`].join('\n'));
  const end = Buffer.from(`"\n${`${GOOD},\n`.repeat(8_000)}`);
  const settings = { ...SETTINGS, maxMessageBytes: 600_000 };
  const { checkpoints } = await parseAll(uploadOf(), [begin, end], settings);
  expect(checkpoints[0]).toMatchObject({
    source: {
      byte: begin.length,
      reader: { pending: expect.stringContaining('\u0001'.repeat(60_000)) },
    },
  });
  const message = encodeCheckpoint({ upload: uploadOf(), checkpoint: checkpoints[0]! });
  expect(message.length).toBeLessThan(1_048_576);
});

// The network decides where the bytes of an object are cut: a second parse must give the same batches all the same.
test.each([
  ['a row of a wrong category', GOOD.replace('SELL', 'sell')],
  ['an unclosed quote', `"${GOOD}`],
  ['U+FEFF before a wrong id', `\ufeff${GOOD.slice(1)}`],
  ['a NUL', GOOD.replace('Tee', 'T\0e')],
])('chunk boundaries of a large file with %s change no batch', async (_what, bad) => {
  // The bad rows are far below the head, on which the format is decided.
  const lines = Array.from({ length: 5_000 }, (_, index) =>
    index > 4_000 && index % 25 === 24 ? bad : GOOD,
  );
  const content = Buffer.from([HEADER, ...lines].join('\n'));
  const settings = { ...SETTINGS, maxMessageBytes: 65_536 };
  const encode = async (sizes: readonly number[]) =>
    (await parseAll(uploadOf(), cut(content, sizes), settings)).batches.map(encodeMessage);
  const expected = await encode([content.length]);
  for (const chunkSizes of [[997], [65_536], [1, 40_000, 7]]) {
    const actual = await encode(chunkSizes);
    const differing = expected.findIndex((text, index) => text !== actual[index]);
    expect([actual.length, differing], `cut into ${chunkSizes}`).toEqual([expected.length, -1]);
  }
});

test.each([[[1_000]], [[HEAD_CHARACTERS + 5_000]], [[HEAD_CHARACTERS + 50, 3]]])(
  'only the head decides the format, if chunks of %j bytes reach beyond it',
  async (chunkSizes) => {
    const header = HEADER.replaceAll(',', ';');
    const row = (amount: string, name = 'Tea') =>
      `00000000-0000-4000-8000-000000000001;SELL;${name};1;${amount};${amount}`;
    const settings = {
      ...SETTINGS,
      rules: { ...DEFAULT_RULES, taxes: [{ name: 'none', percent: '0' }] },
    };
    const filler = `${row('5')}\n`.repeat(Math.ceil(HEAD_CHARACTERS / (row('5').length + 1)));
    const text = `${header}\n${filler}${row('1,50', 'Café')}\n${row('1,234')}\n`;
    const content = Buffer.from(text, 'latin1');
    const { batches, rejects } = await parseAll(uploadOf(), cut(content, chunkSizes), settings);
    expect(batches[0]!.format).toMatchObject({ encoding: 'UTF-8' });
    expect(batches[0]!.format).not.toHaveProperty('decimalSeparator');
    expect(batches.at(-1)!.closing!.format).toMatchObject({ encoding: 'Windows-1252' });
    expect(rejects.map(({ code }) => code)).toEqual(['amount-ambiguous']);
  },
);

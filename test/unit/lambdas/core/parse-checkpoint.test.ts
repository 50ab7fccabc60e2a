import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HEAD_CHARACTERS } from '../../../../lambdas/core/file-format.ts';
import { parseUpload } from '../../../../lambdas/core/parse-upload.ts';
import type { RowBatch } from '../../../../lambdas/core/row-batch.ts';
import { encodeBatch } from '../../../../lambdas/core/row-batcher.ts';
import type { Checkpoint } from '../../../../lambdas/core/upload-parse.ts';
import { continuationOf } from '../../../../lambdas/parse/work.ts';
import { parseAll } from '../../../support/parse-all.ts';
import { cut } from '../../../support/pieces.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const SETTINGS = { basisPoints: 2_000, maxMessageBytes: 3_000, unknownColumns: 'ignore' } as const;
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
];

/** Parses in as many goes as it takes: each stops as soon as it may, and its bytes are cut in another way. */
async function parseInParts(content: Buffer, sizesOfPart: (part: number) => readonly number[]) {
  const batches: RowBatch[] = [];
  let checkpoint: Checkpoint | undefined;
  for (let part = 0; ; part++) {
    const begin = checkpoint?.text.byte ?? 0;
    async function* chunks() {
      yield* cut(content.subarray(begin), sizesOfPart(part));
    }
    const source = { chunks: chunks(), checkpoint };
    const sink = async (batch: RowBatch) => void batches.push(batch);
    const outcome = await parseUpload(uploadOf(), source, SETTINGS, sink, () => true);
    if (!('format' in outcome)) return { batches, totals: outcome, parts: part + 1 };
    // It travels in a message.
    checkpoint = JSON.parse(JSON.stringify(outcome)) as Checkpoint;
  }
}

/** Rows are read once it is known how the file is written, which its head says: here in few rows. */
const LONG = GOOD.replace('Tee', 'x'.repeat(60_000));
const HEAD = Array.from({ length: Math.ceil(HEAD_CHARACTERS / LONG.length) }, () => LONG);
const sizes = fc.array(fc.integer({ min: 100, max: 5_000 }), { minLength: 1, maxLength: 4 });

test('a parse that stops and goes on any number of times gives the batches of a parse in one go', async () => {
  const texts = fc.record({
    lines: fc.array(fc.constantFrom(...LINES), { maxLength: 300, size: 'max' }),
    newline: fc.constantFrom('\n', '\r\n', '\r'),
    mark: fc.constantFrom('', '\ufeff'),
  });
  await fc.assert(
    fc.asyncProperty(texts, fc.array(sizes, { minLength: 1, maxLength: 3 }), async (text, cuts) => {
      const content = Buffer.from(text.mark + [HEADER, ...HEAD, ...text.lines].join(text.newline));
      const whole = await parseAll(uploadOf(), [content], SETTINGS);
      const inParts = await parseInParts(content, (part) => cuts[part % cuts.length]!);
      expect(inParts.totals).toEqual(whole.totals);
      expect(inParts.batches.map(encodeBatch)).toEqual(whole.batches.map(encodeBatch));
    }),
    { numRuns: 60 },
  );
});

test('a large file is parsed in many parts, each with batches of its own', async () => {
  const lines = Array.from({ length: 9_000 }, (_, index) => LINES[index % LINES.length]!);
  const content = Buffer.from([HEADER, ...lines].join('\n'));
  const whole = await parseAll(uploadOf(), [content], SETTINGS);
  const { batches, totals, parts } = await parseInParts(content, () => [10_000]);
  expect(parts).toBeGreaterThan(20);
  expect(totals).toEqual(whole.totals);
  expect(batches.map(({ batch }) => batch)).toEqual(whole.batches.map(({ batch }) => batch));
  expect(batches.map(encodeBatch)).toEqual(whole.batches.map(encodeBatch));
});

test('a checkpoint fits into a message, whatever the header and the line at which it stops', async () => {
  const header = `${HEADER},${'é'.repeat(8_000)}`;
  const begin = Buffer.from([header, `${`${GOOD},\n`.repeat(4_500)}"${'\u0001'.repeat(60_000)}`].join('\n'));
  const end = Buffer.from(`"\n${`${GOOD},\n`.repeat(8_000)}`);
  const settings = { ...SETTINGS, maxMessageBytes: 600_000, unknownColumns: 'ignore' } as const;
  async function* chunks() {
    yield begin;
    yield end;
  }
  const outcome = await parseUpload(
    uploadOf(),
    { chunks: chunks() },
    settings,
    async () => undefined,
    () => true,
  );
  expect(outcome).toMatchObject({
    text: { byte: begin.length },
    reader: { pending: expect.stringContaining('\u0001'.repeat(60_000)) },
  });
  expect(continuationOf(uploadOf(), outcome as Checkpoint).length).toBeLessThan(1_048_576);
});

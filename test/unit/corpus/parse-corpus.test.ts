import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { DEFAULT_RULES } from '../../../lambdas/core/rules.ts';
import { openObject } from '../../../lambdas/parse/bytes/open-object.ts';
import { makeCorpus } from '../../corpus/make/corpus.ts';
import { parseAll } from '../../support/parse-all.ts';
import { inCents, readRows } from '../../support/read-rows.ts';
import { uploadOf } from '../../support/upload-fixture.ts';

test.each(makeCorpus())('$path is parsed in memory to its expected outcome', async ({ bytes, expected }) => {
  const { rows, rejected, duplicates, conflicts, format, failure } = expected;
  const upload = { ...uploadOf(`incoming/store=main/${expected.key}`), storeId: 'main' };
  const settings = { rules: { ...DEFAULT_RULES, ...expected.rules }, maxMessageBytes: 1_048_576 };
  const read = async (start = 0, end = bytes.length - 1) => {
    return { body: Readable.from([bytes.subarray(start, end + 1)]), length: bytes.length };
  };
  const limits = { maxUnpackedMiB: 1, rules: settings.rules };
  const opened = await openObject({ key: upload.key, read }, limits, undefined, () => false);
  if ('failure' in opened) expect(opened.failure.code).toBe(failure);
  if ('files' in opened) expect(opened.files).toHaveLength(format.files!);
  if (!('chunks' in opened)) return;
  const { batches, rejects } = await parseAll(upload, opened, settings);
  const { closing } = batches.at(-1)!;
  expect({
    failure: closing!.failure?.code,
    rejected: rejects.map(({ line, column, code }) => ({ line, column, code })),
  }).toEqual({ failure, rejected });
  const parsed = batches.flatMap(readRows);
  // Only the database knows which rows are duplicates or conflicts.
  expect(parsed).toHaveLength(rows.length + duplicates + conflicts);
  expect(parsed).toEqual(expect.arrayContaining(rows.map(inCents)));
  expect(closing!.rowsRead).toBe(parsed.length + rejected.length);
  if (failure === undefined) expect(closing!.format).toEqual(format);
});

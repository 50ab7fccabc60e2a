import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { FAILURE_CODES, REJECT_CODES } from '../../../lambdas/core/reject-codes.ts';
import { addTax, parseCents } from '../../../lambdas/core/rows/money.ts';
import { expectedPath, makeCorpus } from '../../corpus/make/corpus.ts';
import { CONTRACT, corpusTable, TABLE } from '../../corpus/make/table.ts';

/** The content of a file is never the cause of these. */
const OTHER_CAUSES = [
  'key-invalid',
  'decision-invalid',
  'period-closed',
  'object-deleted',
  'object-unreadable',
  'message-discarded',
  'store-unknown',
  'file-too-large',
  'too-many-rejected-rows',
  'column-unknown',
  'json-member-unknown',
  'date-implausible',
  'return-not-allowed',
];

const corpus = makeCorpus();

test('the table of the data contract lists every situation', async () => {
  expect(TABLE.exec(await readFile(CONTRACT, 'utf8'))?.[2], 'run npm run corpus').toBe(corpusTable(corpus));
});

test('every code that the content of a file can cause has a situation', () => {
  const codes = corpus.flatMap(({ expected: { failure, rejected } }) => [
    failure,
    ...rejected.map(({ code }) => code),
  ]);
  const caused = Object.keys({ ...REJECT_CODES, ...FAILURE_CODES }).filter(
    (code) => !OTHER_CAUSES.includes(code),
  );
  expect(codes).toEqual(expect.arrayContaining(caused));
});

test('the situations expect unique ids and correct taxes', () => {
  const rows = corpus.flatMap(({ expected }) => expected.rows);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  expect(new Set(corpus.map(({ path }) => expectedPath(path))).size).toBe(corpus.length);
  const taxed = corpus.filter(({ expected }) => expected.rules?.taxes === undefined);
  for (const { id, amountExclTax, amountIncTax } of taxed.flatMap(({ expected }) => expected.rows)) {
    const [excluding, including] = [amountExclTax, amountIncTax].map((amount) => amount.replace(/^-/, ''));
    expect(parseCents(including!), id).toBe(addTax(parseCents(excluding!), 2_000));
  }
});

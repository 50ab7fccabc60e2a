import fc from 'fast-check';
import { expect, test } from 'vitest';
import { neutralizeFormula, restoreFormula } from '../../../../lambdas/core/formulas.ts';
import { RejectedCsv } from '../../../../lambdas/core/rejected-csv.ts';
import { DEFAULT_RULES } from '../../../../lambdas/core/rules.ts';
import { parseAll } from '../../../support/parse-all.ts';
import '../../../support/repeatable-properties.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const anyText = fc.string({ unit: fc.constantFrom(...'\'=+-@\t\r\n ＝1.,;"a'), maxLength: 7 });

test('every value is the same after it was neutralized and restored', () => {
  fc.assert(
    fc.property(anyText, (value) => {
      expect(restoreFormula(neutralizeFormula(value))).toBe(value);
    }),
    { numRuns: 5_000 },
  );
});

test('a neutralized value is a plain number, or begins with no sign of a formula', () => {
  fc.assert(
    fc.property(anyText, (value) => {
      expect(neutralizeFormula(value)).toMatch(/^(?:\s*[+-][\d.,\s]*$|(?!\s*[=+\-@＝])(?![\t\r\n]))/);
    }),
    { numRuns: 5_000 },
  );
});

test('no part of a neutralized value is a formula where other characters separate the cells', () => {
  fc.assert(
    fc.property(anyText, (value) => {
      const [, ...cells] = neutralizeFormula(value).split(/[;,\t\r\n]/);
      for (const cell of cells) expect(cell).toMatch(/^(?:[\s"]*[+-][\d. ]*$|(?![\s"]*[=+\-@＝]))/);
    }),
    { numRuns: 5_000 },
  );
});

/** Loads a text as a file of this day, and returns the names of its rows, and its rejected rows. */
async function load(text: string) {
  const settings = { rules: DEFAULT_RULES, maxMessageBytes: 100_000 };
  const upload = uploadOf('incoming/store=main/retail_31_01_2024.csv');
  const { batches, rejects } = await parseAll(upload, [Buffer.from(text)], settings);
  const [{ header, format, rows }] = batches as [(typeof batches)[0]];
  return { header: header!, format: format!, rejects, names: rows.names };
}

test('names that look like formulas survive the correction of their rows, and a row may be rejected twice', async () => {
  const names = ['=cmd|calc!A1', '-5 % Tea', '+Vitamin', '@home', 'Tea;=1+1', "'=quoted", "'plain", '-1.00'];
  const lines = names.map(
    (name, index) => `00000000-0000-4000-8000-00000000000${index},SELL,${name},0,1.00,1.20`,
  );
  let file = [HEADER, ...lines, ''].join('\n');
  for (let round = 0; round < 2; round++) {
    const { header, format, rejects } = await load(file);
    expect(rejects).toHaveLength(names.length);
    const csv = new RejectedCsv(header, '00000000-0000-8000-8000-000000000001', format);
    file = csv.formatHeader() + rejects.map((row) => csv.formatRow(row)).join('');
    expect(file.split('\n').join(',').split(',')).not.toContainEqual(
      expect.stringMatching(/^[=@]|^[+-](?!\d)/),
    );
  }
  const { rejects, names: read } = await load(file.replaceAll(',0,1.00', ',1,1.00'));
  expect(rejects).toEqual([]);
  expect(read).toBe(`{${names.join(',')}}`);
});

test('an apostrophe in a file without columns of rejected rows is part of the value', async () => {
  const { names } = await load(
    `${HEADER}\n00000000-0000-4000-8000-000000000001,SELL,'-5 % Tea,1,1.00,1.20\n`,
  );
  expect(names).toContain(`'-5 % Tea`);
});

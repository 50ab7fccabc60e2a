import { describe, expect, test } from 'vitest';
import { COLUMNS, INDEX } from '../../../../../lambdas/core/columns.ts';
import { type DetectedFormat, detectFormat } from '../../../../../lambdas/core/detect/detect-format.ts';
import type { Profile } from '../../../../../lambdas/core/profile.ts';
import { createFileCheck } from '../../../../../lambdas/core/rows/profile-check.ts';
import { DEFAULT_RULES } from '../../../../../lambdas/core/rules.ts';

const TITLES = 'Bon;Pos;Datum;Vorgang;Artikel;Menge;Netto;Brutto';
const ROW = '17;1;14.03.2025;Verkauf;Brot;2;10,00;12,00';
const PROFILE: Profile = {
  name: 'till',
  titles: { category: ['Vorgang'] },
  values: { category: { Verkauf: 'SELL', Retoure: 'SELL return', Rückgabe: 'BUY return' } },
  id: { from: ['Bon', 'Pos'] },
};

/** Checks one row of a file of a store. */
function check(
  row: string,
  {
    profile = PROFILE,
    titles = TITLES,
    storeId = 'berlin',
    date = undefined as string | undefined,
    taxes = DEFAULT_RULES.taxes,
  } = {},
) {
  const rules = { ...DEFAULT_RULES, taxes, profile };
  const format = detectFormat(`${titles}\n${row}\n`, 'UTF-8', rules) as DetectedFormat;
  expect(format).toHaveProperty('header');
  const values = COLUMNS.map(() => '');
  const problems = createFileCheck(format, rules, { storeId, date, receivedAt: '2025-03-15T00:00:00Z' })(
    row.split(';'),
    values,
    [],
  );
  return { problems, values, id: values[INDEX.id]! };
}

describe('the id of a row', () => {
  const { id } = check(ROW);

  test('is a UUID of version 8', () => {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('is the same in another export of the row, with another content and other blanks', () => {
    expect(check(ROW.replace('17;1', ' 17 ;1 ').replace('Brot', 'Käse')).id).toBe(id);
  });

  test('differs by the store and by each of its columns', () => {
    const others = [
      check(ROW, { storeId: 'bonn' }),
      check(ROW.replace('17;1', '17;2')),
      check(ROW.replace('17;1', '18;1')),
      check(ROW.replace('17;1', '1;71')),
    ];
    expect(new Set([id, ...others.map((other) => other.id)]).size).toBe(5);
  });

  test('has the day of the row if the profile says so, from a column in any format or from the file name', () => {
    const profile = { ...PROFILE, id: { from: ['transaction_date', 'Bon', 'Pos'] } };
    const dated = check(ROW, { profile }).id;
    expect(dated).not.toBe(id);
    expect(check(ROW.replace('14.03.2025', '2025-03-14'), { profile }).id).toBe(dated);
    expect(check(ROW.replace('14.03.2025', '15.03.2025'), { profile }).id).not.toBe(dated);
    const undated = { titles: TITLES.replace('Datum', 'Till'), profile };
    expect(check(ROW, { ...undated, date: '2025-03-14' }).id).toBe(dated);
  });

  test('is that of the file if the file lacks one of its columns', () => {
    const uuid = '0284f92e-54f7-4766-880d-2cc5a8993a89';
    expect(check(ROW.replace('17;1', `17;${uuid}`), { titles: TITLES.replace('Pos', 'id') }).id).toBe(uuid);
  });

  test.each([
    [';1', 'Bon'],
    ['17; ', 'Pos'],
  ])('with the parts %j is rejected with the name of the missing one', (parts, column) => {
    expect(check(ROW.replace('17;1', parts)).problems).toMatchObject([
      {
        column,
        code: 'id-part-missing',
        message: expect.stringContaining(`The column "${column}" that is part`),
      },
    ]);
  });
});

test('values are read by their meaning, in any case, and others as they are', () => {
  expect(check(ROW.replace('Verkauf', 'VERKAUF')).values[INDEX.category]).toBe('SELL');
  expect(check(ROW.replace('Verkauf', 'BUY')).values[INDEX.category]).toBe('BUY');
  expect(check(ROW.replace('Verkauf', 'Gutschein')).problems).toMatchObject([
    { column: 'Vorgang', code: 'category-unknown', message: expect.stringContaining('"Gutschein"') },
  ]);
  const profile = { ...PROFILE, values: { ...PROFILE.values, description: { brot: 'Bread' } } };
  expect(check(ROW, { profile }).values[INDEX.name]).toBe('Bread');
});

test('a constant is the value of every row, also if a title means another thing, except in a plain file', () => {
  const profile: Profile = { name: 'till', id: PROFILE.id!, constants: { category: 'SELL' } };
  expect(check(ROW, { profile }).values[INDEX.category]).toBe('SELL');
  for (const title of ['category', 'Kategorie']) {
    const titles = TITLES.replace('Vorgang', title);
    expect(check(ROW.replace('Verkauf', 'Backwaren'), { profile, titles }).values[INDEX.category]).toBe(
      'SELL',
    );
  }
  const plain = 'Bon;Pos;transaction_date;category;name;quantity;amount_excl_tax;amount_inc_tax;id';
  expect(check(`${ROW.replace('Verkauf', 'BUY')};x`, { profile, titles: plain }).values[INDEX.category]).toBe(
    'BUY',
  );
});

test('the quantity and the amounts of a return are negative, whether or not the file has them so', () => {
  const returned = check(ROW.replace('Verkauf', 'Retoure'));
  expect(returned.values.slice(INDEX.category, INDEX.category + 1)).toEqual(['SELL']);
  for (const numbers of ['2;10,00;12,00', '-2;-10,00;-12,00', '-2;(10,00);12,00-', '2;10,00 €;€ 12,00']) {
    const { problems, values } = check(ROW.replace('Verkauf;Brot;2;10,00;12,00', `Retoure;Brot;${numbers}`));
    expect(problems).toEqual([]);
    expect([INDEX.quantity, INDEX.amountExclTax, INDEX.amountIncTax].map((column) => values[column])).toEqual(
      ['-2', '-10.00', '-12.00'],
    );
  }
  expect(check(ROW.replace('Verkauf', 'Rückgabe')).values[INDEX.category]).toBe('BUY');
});

describe('the amount excluding tax', () => {
  const profile: Profile = {
    ...PROFILE,
    titles: { ...PROFILE.titles, tax_rate: ['Satz'] },
    derive: 'amount_excl_tax',
  };
  const taxes = [
    { name: 'standard', percent: '19' },
    { name: 'food', percent: '7' },
    { name: 'food', percent: '5', from: '2025-03-15' },
  ];
  const titles = TITLES.replace('Netto', 'Satz');
  const derive = (gross: string, rate: string, others: Partial<Parameters<typeof check>[1]> = {}) => {
    const row = ROW.replace('10,00;12,00', `${rate};${gross}`);
    const { problems, values } = check(row, { profile, titles, taxes, ...others });
    return { problems, amounts: [values[INDEX.amountExclTax], values[INDEX.amountIncTax]] };
  };

  test.each([
    ['11,90', '19 %', '10.00'],
    // Adding the tax to it gives 0.04: the file is right nevertheless.
    ['0,03', '19', '0.03'],
    ['0,10', '7', '0.09'],
    ['-11,90', '19', undefined],
    ['0,00', '7', '0.00'],
  ])('is computed from %s with a rate of %s', (gross, rate, net) => {
    const { problems, amounts } = derive(gross, rate);
    if (net === undefined) expect(problems).toMatchObject([{ code: 'return-signs-differ' }]);
    else expect({ problems, net: amounts[0] }).toEqual({ problems: [], net });
  });

  test('is negative in a return', () => {
    const row = ROW.replace('Verkauf', 'Retoure').replace('10,00;12,00', '19;0,03');
    const { problems, values } = check(row, { profile, titles, taxes });
    expect(problems).toEqual([]);
    expect([values[INDEX.amountExclTax], values[INDEX.amountIncTax]]).toEqual(['-0.03', '-0.03']);
  });

  test('needs a rate of the settings, or the only one on the row', () => {
    expect(derive('10,70', '5').problems).toMatchObject([
      { column: 'Satz', code: 'tax-rate-unknown', message: expect.stringContaining('"5"') },
    ]);
    expect(derive('10,70', '').problems).toMatchObject([
      {
        column: 'Brutto',
        code: 'tax-rate-unknown',
        message: expect.stringContaining('19 % (standard), 7 % (food)'),
      },
    ]);
    expect(derive('12,00', '', { taxes: DEFAULT_RULES.taxes }).amounts).toEqual(['10.00', '12.00']);
    expect(derive('free', '19').problems).toMatchObject([{ column: 'Brutto', code: 'amount-invalid' }]);
  });

  test('is that of the file if it has one, under any title', () => {
    const plain = check(ROW, { profile });
    expect(plain.values[INDEX.amountExclTax]).toBe('10.00');
    expect(check(ROW.replace('10,00', '9,00'), { profile }).problems).toMatchObject([
      { code: 'tax-mismatch' },
    ]);
  });
});

describe('an amount that is computed', () => {
  const profile: Profile = { ...PROFILE, sums: { amount_inc_tax: ['Netto', 'MwSt'] } };
  const titles = TITLES.replace('Brutto', 'MwSt');
  const row = (tax: string) => ROW.replace('12,00', tax);

  test('is the sum of its columns, to the cent', () => {
    const { problems, values } = check(row('2,00'), { profile, titles });
    expect(problems).toEqual([]);
    expect(values[INDEX.amountIncTax]).toBe('12.00');
    const returned = check(row('2,00').replace('Verkauf', 'Retoure'), { profile, titles });
    expect(returned.values[INDEX.amountIncTax]).toBe('-12.00');
  });

  test('may be a difference', () => {
    const subtracting: Profile = { ...PROFILE, sums: { amount_excl_tax: ['Brutto', '-MwSt'] } };
    const others = { profile: subtracting, titles: TITLES.replace('Netto', 'MwSt') };
    expect(check(ROW.replace('10,00', '2,00'), others).values[INDEX.amountExclTax]).toBe('10.00');
    expect(check(ROW.replace('10,00', '13,00'), others).values[INDEX.amountExclTax]).toBe('-1.00');
  });

  test.each(['', 'free', '2.0.0'])('is rejected with the part %j, and named by its columns', (tax) => {
    const { problems } = check(row(tax), { profile, titles });
    expect(problems).toMatchObject([{ column: 'Netto + MwSt', code: 'amount-invalid' }]);
    if (tax !== '') expect(problems[0]!.message).toContain(`"${tax}"`);
  });

  test('is that of the file in a plain file', () => {
    const plain = check(ROW, { profile });
    expect(plain.values[INDEX.amountIncTax]).toBe('12.00');
  });
});

test('a corrected CSV has the values of the file back, with the formulas that were neutralized', () => {
  const titles = `reject_line;${TITLES}`;
  expect(check(`4;${ROW.replace('Brot', "'=Brot")}`, { titles }).values[INDEX.name]).toBe('=Brot');
});

test('a record of another width is rejected as such', () => {
  expect(check(ROW).problems).toEqual([]);
  const format = detectFormat(`${TITLES}\n${ROW}\n`, 'UTF-8', { ...DEFAULT_RULES, profile: PROFILE });
  const rowCheck = createFileCheck(
    format as DetectedFormat,
    { ...DEFAULT_RULES, profile: PROFILE },
    { storeId: 'x', date: undefined, receivedAt: '2025-03-15T00:00:00Z' },
  );
  expect(rowCheck(['17', '1'], [], [])).toMatchObject([{ code: 'too-few-columns' }]);
});

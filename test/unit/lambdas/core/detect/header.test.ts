import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COLUMNS, INDEX, UPLOAD_COLUMNS } from '../../../../../lambdas/core/columns.ts';
import {
  countTitles,
  type Header,
  listUnknownTitles,
  objectToHeader,
  readField,
  readHeader,
  repeatsHeader,
} from '../../../../../lambdas/core/detect/header.ts';
import type { Profile } from '../../../../../lambdas/core/profile.ts';

const TITLES = [...UPLOAD_COLUMNS];
const read = (titles: readonly string[]) => readHeader(titles) as Header;

describe('a header', () => {
  test('has its columns in any order and case, with blanks around them and other columns between', () => {
    const vary = (title: string) =>
      fc.constantFrom(
        title,
        title.toUpperCase(),
        ` ${title}\t`,
        `${title[0]!.toUpperCase()}${title.slice(1)}\r`,
      );
    const others = fc.array(fc.constantFrom('note', '', 'reject_line'), { maxLength: 3 });
    const titles = fc.tuple(others, ...TITLES.map(vary)).chain(([extra, ...own]) => {
      const all = [...extra, ...own];
      return fc.shuffledSubarray(all, { minLength: all.length });
    });
    fc.assert(
      fc.property(titles, (fields) => {
        const { titles: read, positions } = readHeader(fields) as Header;
        expect(read).toEqual(fields.map((field) => field.trim()));
        COLUMNS.forEach((column, index) => {
          if (!column.isRequired) expect(positions[index]).toBe(-1);
          else expect(read[positions[index]!]!.toLowerCase()).toBe(column.titles[0]);
        });
      }),
    );
  });

  test('may call the product name or description', () => {
    const { positions } = read(TITLES.with(2, ' NAME '));
    expect(positions[INDEX.name]).toBe(2);
  });

  test('may have a transaction date', () => {
    expect(read([...TITLES, 'Transaction_Date']).positions[INDEX.transactionDate]).toBe(6);
  });
});

describe('fields that are not a header', () => {
  test.each(TITLES)('without the column %s are refused with its name', (title) => {
    const wanted = title === 'description' ? 'description or name' : title;
    const others = TITLES.filter((other) => other !== title);
    expect(readHeader(others)).toEqual({
      code: 'column-missing',
      message: `The header has no column ${wanted}. It has: ${others.join(', ')}. Rename its columns, or describe them in a profile of the store.`,
    });
  });

  test('are refused with every missing column', () => {
    expect(readHeader(['id', 'quantity'])).toMatchObject({
      message: expect.stringContaining(
        'no column category, description or name, amount_excl_tax, amount_inc_tax.',
      ),
    });
  });

  test.each([
    ['id', 'ID ', 1],
    ['description', 'name', 3],
    ['quantity', 'quantity', 4],
  ])('with %j and %j are refused with both', (title, twin, column) => {
    expect(readHeader([...TITLES, twin])).toEqual({
      code: 'column-duplicated',
      message: `The header has "${title}" (column ${column}) and "${twin.trim()}" (column 7) for the same value. Keep one of them.`,
    });
  });

  test('are quoted well formed, at most 500 characters of them', () => {
    for (const start of ['', 'x']) {
      const failure = readHeader([start + '🧀'.repeat(10_000)]);
      if (!('code' in failure)) throw new Error('such a header should be refused');
      expect(failure.message.length).toBeLessThan(700);
      // PostgreSQL refuses half a surrogate pair, and with it the message that explains the failure.
      expect(failure.message.isWellFormed()).toBe(true);
    }
  });

  test('are quoted without control characters, which a terminal would obey', () => {
    expect(readHeader(['\u001b[2J\t', 'i\u0007d'])).toMatchObject({
      code: 'column-missing',
      message: expect.stringContaining('It has: ␛[2J, i␇d.'),
    });
  });
});

describe('a header in another language', () => {
  const GERMAN = ['Datum', 'id', 'Kategorie', 'Bezeichnung', 'Menge', 'Netto', 'Brutto'];

  test('is read without a profile, with its date', () => {
    const { positions } = read(GERMAN);
    expect(COLUMNS.map(({ field }) => positions[INDEX[field]])).toEqual([1, 0, 2, 3, 4, 5, 6]);
    expect(listUnknownTitles(read([...GERMAN, 'Kunde', 'reject_line']))).toEqual(['Kunde']);
  });

  test('does not count if the usual titles are complete', () => {
    const header = read([...TITLES, 'Datum', 'Artikel', 'Menge']);
    expect(header.positions[INDEX.transactionDate]).toBe(-1);
    expect(listUnknownTitles(header)).toEqual(['Datum', 'Artikel', 'Menge']);
  });

  test('gives way to a usual title of the same column', () => {
    const header = read([...GERMAN.with(2, 'category'), 'Kategorie']);
    expect(header.positions[INDEX.category]).toBe(2);
    expect(listUnknownTitles(header)).toEqual(['Kategorie']);
  });

  test('is refused with two titles for one column', () => {
    expect(readHeader([...GERMAN, 'Anzahl'])).toMatchObject({
      code: 'column-duplicated',
      message: expect.stringContaining('"Menge" (column 5) and "Anzahl" (column 8)'),
    });
  });
});

describe('with a profile', () => {
  const PROFILE: Profile = {
    name: 'till',
    titles: { description: ['Ware', 'Text'], quantity: ['Stk.'] },
    constants: { category: 'SELL' },
    id: { from: ['Bon', 'transaction_date'] },
    fileDay: '(?<day>..)(?<month>..)(?<year>....)',
  };
  const FIELDS = ['BON', 'ware', 'STK', 'Netto', 'Brutto'];
  const readWith = (fields: string[], profile = PROFILE) => readHeader(fields, profile) as Header;

  test('its titles, constants and id make a header complete', () => {
    const { positions, idPositions } = readWith(FIELDS);
    expect(positions[INDEX.name]).toBe(1);
    expect(positions[INDEX.quantity]).toBe(2);
    expect(positions[INDEX.category]).toBe(-1);
    expect(positions[INDEX.id]).toBe(-1);
    expect(idPositions).toEqual([0, -1]);
    expect(listUnknownTitles(readWith([...FIELDS, 'Kunde']))).toEqual(['Kunde']);
  });

  test('its titles take precedence over all others', () => {
    const header = readWith([...FIELDS, 'description', 'Artikel', 'quantity']);
    expect(header.positions[INDEX.name]).toBe(1);
    expect(header.positions[INDEX.quantity]).toBe(2);
    const swapped = readWith([...FIELDS, 'quantity'], {
      ...PROFILE,
      titles: { description: ['quantity'], quantity: ['ware'] },
    });
    expect([swapped.positions[INDEX.name], swapped.positions[INDEX.quantity]]).toEqual([5, 1]);
  });

  test('no title in another language is meant for what it gives', () => {
    const { positions } = readWith([...FIELDS, 'Kategorie', 'Datum', 'UUID']);
    expect([INDEX.category, INDEX.transactionDate, INDEX.id].map((column) => positions[column])).toEqual([
      -1, -1, -1,
    ]);
    const { constants: _, fileDay: __, ...others } = PROFILE;
    const dated = readWith([...FIELDS, 'Kategorie', 'Datum'], others);
    expect(dated.positions[INDEX.transactionDate]).toBe(6);
    expect(dated.idPositions).toEqual([0, 6]);
  });

  test.each([
    [['Bon', ...FIELDS], 'column-duplicated', '"Bon" (column 1) and "BON" (column 2)'],
    [[...FIELDS, 'Text'], 'column-duplicated', '"ware" (column 2) and "Text" (column 6)'],
    [FIELDS.slice(1), 'column-missing', 'The header has no column id (or all of Bon, transaction_date).'],
    [FIELDS.toSpliced(1, 1), 'column-missing', 'no column Ware or Text or description or name.'],
  ])('the header %j is refused as %s', (fields, code, message) => {
    expect(readHeader(fields, PROFILE)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('amounts that are computed are found, and their columns are known', () => {
    const sums = { amount_inc_tax: ['Netto', 'MwSt'] };
    const fields = [...FIELDS.with(4, 'MwSt'), 'Total TTC'];
    const header = readWith(fields, { ...PROFILE, sums });
    const parts = [3, 4].map((position) => ({ position, isSubtracted: false }));
    expect(header.sums).toEqual([{ column: INDEX.amountIncTax, parts }]);
    expect(header.positions[INDEX.amountIncTax]).toBe(-1);
    expect(listUnknownTitles(header)).toEqual(['Total TTC']);
    for (const others of [fields.toSpliced(4, 1), [...fields, 'mwst']]) {
      expect(readWith(others, { ...PROFILE, sums })).not.toHaveProperty('sums');
    }
  });

  test('a file without a day in its name is refused with the pattern', () => {
    expect(objectToHeader(readWith(FIELDS), undefined, 'ignore', PROFILE)).toMatchObject({
      code: 'date-unknown',
      message: expect.stringContaining('the pattern of the profile till'),
    });
  });
});

test('titles of columns are counted in any case, others not', () => {
  expect(countTitles([' ID', 'Description', 'name', 'till', '', 'Transaction_Date'])).toBe(4);
});

test('unknown titles are those that are neither columns nor the columns of rejected rows', () => {
  expect(
    listUnknownTitles(read([...TITLES, 'Till', ' ', 'Reject_Line', 'transaction_date', 'note'])),
  ).toEqual(['Till', 'note']);
});

describe('a file with this header', () => {
  const plain = read(TITLES);
  const dated = read(['transaction_date', ...TITLES]);
  const date = '2024-01-31';

  test('is accepted with a date in its name or in a column', () => {
    expect(objectToHeader(plain, date, 'refuse')).toBeUndefined();
    expect(objectToHeader(dated, undefined, 'refuse')).toBeUndefined();
  });

  test('is refused without a date', () => {
    expect(objectToHeader(plain, undefined, 'refuse')).toEqual({
      code: 'date-unknown',
      message:
        'The transaction date is unknown. Name the file retail_DD_MM_YYYY.csv, with an existing day, or add a column ' +
        'transaction_date.',
    });
  });

  test('is refused with the column that may have the date', () => {
    const header = read([...TITLES, 'Sale date', 'till']);
    const { message } = objectToHeader(header, undefined, 'ignore') ?? {};
    expect(message).toMatch(/or rename the column "Sale date" to transaction_date\.$/);
  });

  test('is refused for its unknown columns only if they are not ignored', () => {
    const header = read([...TITLES, 'till', 'note']);
    expect(objectToHeader(header, date, 'ignore')).toBeUndefined();
    expect(objectToHeader(header, date, 'refuse')).toEqual({
      code: 'column-unknown',
      message:
        'The header has unknown columns: "till", "note". Remove them, or set retail:unknownColumns to "ignore".',
    });
  });

  test('is refused with at most 500 characters of its unknown columns, well formed', () => {
    for (const start of ['', 'x']) {
      const header = read([...TITLES, start + '🧀'.repeat(1_000)]);
      const { message } = objectToHeader(header, date, 'refuse')!;
      expect(message.length).toBeLessThan(650);
      expect(message.isWellFormed()).toBe(true);
    }
  });
});

test('a record repeats the header if all its titles are the same, in any case', () => {
  const header = read([...TITLES, 'Till']);
  expect(repeatsHeader([...TITLES, ' TILL '], header)).toBe(true);
  expect(repeatsHeader(TITLES, header)).toBe(false);
  expect(repeatsHeader([...TITLES, 'till', ''], header)).toBe(false);
  expect(repeatsHeader([...TITLES, 'tills'], header)).toBe(false);
});

test('a field is read by its column, and empty if the record is too short or has no such column', () => {
  const header = read(TITLES);
  expect(readField([' x ', 'SELL'], header, 'id')).toBe('x');
  expect(readField([' x ', 'SELL'], header, 'name')).toBe('');
  expect(readField([' x ', 'SELL'], header, 'transactionDate')).toBe('');
});

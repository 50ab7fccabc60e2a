import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHeader } from '../../../../../lambdas/core/csv/header.ts';

const TITLES = ['id', 'category', 'description', 'quantity', 'amount_excl_tax', 'amount_inc_tax'];
const KEYS = ['id', 'category', 'name', 'quantity', 'amountExclTax', 'amountIncTax'] as const;

describe('readHeader', () => {
  it('finds every column in any order and any case, with blanks around it and others between', () => {
    const dress = (title: string) =>
      fc.constantFrom(
        title,
        title.toUpperCase(),
        ` ${title}\t`,
        `${title[0]!.toUpperCase()}${title.slice(1)}\r`,
      );
    const others = fc.array(fc.constantFrom('note', '', 'reject_line'), { maxLength: 3 });
    const titles = fc.tuple(others, ...TITLES.map(dress)).chain(([extra, ...own]) => {
      const all = [...extra, ...own];
      return fc.shuffledSubarray(all, { minLength: all.length });
    });
    fc.assert(
      fc.property(titles, (fields) => {
        const header = readHeader(fields);
        if ('code' in header) throw new Error(header.message);
        expect(header.titles).toEqual(fields.map((field) => field.trim()));
        KEYS.forEach((key, index) => {
          expect(fields[header[key].index]!.trim().toLowerCase()).toBe(TITLES[index]);
          expect(header[key].title).toBe(fields[header[key].index]!.trim());
        });
      }),
    );
  });

  it('takes name for description', () => {
    expect(readHeader(TITLES.map((title) => title.replace('description', 'name')))).toMatchObject({
      name: { index: 2, title: 'name' },
    });
  });

  it('knows transaction_date, which need not be there', () => {
    expect(readHeader(TITLES)).not.toHaveProperty('code');
    expect(readHeader(TITLES)).not.toHaveProperty('transactionDate');
    expect(readHeader([...TITLES, 'Transaction_Date'])).toMatchObject({
      transactionDate: { index: 6, title: 'Transaction_Date' },
    });
  });

  it.each(TITLES)('says that the column %s is missing', (title) => {
    const failure = readHeader(TITLES.filter((other) => other !== title));
    expect(failure).toMatchObject({ code: 'column-missing' });
    expect(failure).toHaveProperty('message', expect.stringContaining(title));
  });

  it('names every missing column and what stands in the header instead', () => {
    const failure = readHeader(['id;category;quantity']);
    expect(failure).toHaveProperty('message', expect.stringMatching(/description or name.*amount_inc_tax/));
    expect(failure).toHaveProperty('message', expect.stringContaining('id;category;quantity'));
  });

  it.each([
    ['id', 'ID '],
    ['description', 'name'],
    ['quantity', 'quantity'],
  ])('refuses a header with both %j and %j', (title, twin) => {
    const failure = readHeader([...TITLES, twin]);
    expect(failure).toMatchObject({ code: 'column-duplicated' });
    expect(failure).toHaveProperty('message', expect.stringContaining(`"${title}"`));
    expect(failure).toHaveProperty('message', expect.stringContaining(`"${twin.trim()}" (column 7)`));
  });

  it('keeps its message well formed and short where a header is long', () => {
    for (const start of ['', 'x']) {
      const failure = readHeader([start + '🧀'.repeat(10_000)]);
      if (!('code' in failure)) throw new Error('such a header should be refused');
      expect(failure.message.length).toBeLessThan(1_000);
      // PostgreSQL refuses half a surrogate pair, and with it the message that says why the upload failed.
      expect(failure.message.isWellFormed()).toBe(true);
    }
  });

  it('shows nothing that a terminal would obey', () => {
    const failure = readHeader(['\u001b[2J', 'id']);
    expect(failure).toMatchObject({ code: 'column-missing', message: expect.not.stringMatching(/\p{Cc}/u) });
  });
});

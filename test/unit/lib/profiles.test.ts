import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { RejectedCsv } from '../../../lambdas/core/rejected-csv.ts';
import { DEFAULT_RULES } from '../../../lambdas/core/rules.ts';
import { buildRejectedKey } from '../../../lambdas/core/upload-key.ts';
import { parseProfile, readProfiles } from '../../../lib/settings/profiles.ts';
import { parseAll } from '../../support/parse-all.ts';
import { readRows } from '../../support/read-rows.ts';
import { uploadOf } from '../../support/upload-fixture.ts';

const VALID = { version: 1, stores: ['paris'] };

describe('a document with a mistake is refused with the member and the correction', () => {
  test.each<[string, object, string]>([
    ['no version', { stores: ['paris'] }, 'version: write the number 1'],
    ['no store', { ...VALID, stores: [] }, 'stores: write at least one store'],
    ['a wrong store', { ...VALID, stores: ['a b'] }, 'stores.0: write the name of a store'],
    ['an unknown member', { ...VALID, title: {} }, 'title: unknown; write one of version, stores, titles,'],
    [
      'an unknown column',
      { ...VALID, titles: { name: 'Artikel' } },
      'titles.name: unknown; write one of id,',
    ],
    ['a title that is not a text', { ...VALID, titles: { id: [1] } }, 'titles.id.0: write a text'],
    [
      'a title of two columns',
      { ...VALID, titles: { quantity: 'Menge', description: ['Artikel', 'MENGE'] } },
      'titles.description: "MENGE" is a title of quantity too; keep one of them',
    ],
    [
      'a category that is none',
      { ...VALID, values: { category: { Verkauf: 'Sale' } } },
      'values.category.Verkauf: "Sale" is not a category; write SELL, BUY, SELL return, BUY return',
    ],
    [
      'a value in two cases',
      { ...VALID, values: { category: { Verkauf: 'SELL', VERKAUF: 'BUY' } } },
      'values.category: "verkauf" is there twice, in another case; keep one of them',
    ],
    [
      'a constant id',
      { ...VALID, constants: { id: 'x' } },
      'constants.id: every row would have the same value; remove it',
    ],
    [
      'a constant category that is none',
      { ...VALID, constants: { category: 'SELL return' } },
      'constants.category: "SELL return" is not a category; write SELL or BUY',
    ],
    [
      'a sum of a name',
      { ...VALID, sums: { description: ['a', 'b'] } },
      'sums.description: unknown; write one of amount_excl_tax',
    ],
    [
      'a sum of one column',
      { ...VALID, sums: { amount_inc_tax: ['a'] } },
      'sums.amount_inc_tax: write at least two titles',
    ],
    [
      'a sum beside a title',
      { ...VALID, titles: { amount_inc_tax: 'Brutto' }, sums: { amount_inc_tax: ['Netto', 'MwSt'] } },
      'sums.amount_inc_tax: titles or constants have the column too; keep one of them',
    ],
    ['another column to derive', { ...VALID, derive: 'amount_inc_tax' }, 'derive: write amount_excl_tax'],
    [
      'a column to derive beside a sum',
      { ...VALID, derive: 'amount_excl_tax', sums: { amount_excl_tax: ['Brutto', '-MwSt'] } },
      'derive: constants or sums have the column amount_excl_tax too; keep one of them',
    ],
    ['an id of nothing', { ...VALID, id: { from: [] } }, 'id.from: write at least one title'],
    [
      'an id of one column twice',
      { ...VALID, id: { from: ['Bon', 'bon'] } },
      'id.from: "bon" is there twice; keep one of them',
    ],
    [
      'a format without a day',
      { ...VALID, dateFormats: 'MM.YY' },
      'dateFormats.0: write a format such as DD.MM.YY',
    ],
    [
      'a format with two days',
      { ...VALID, dateFormats: ['DD.DD.YY'] },
      'dateFormats.0: write a format such as DD.MM.YY',
    ],
    [
      'an order beside formats',
      { ...VALID, dateOrder: 'mdy', dateFormats: 'DD.MM.YY' },
      'dateOrder: dateFormats already have an order',
    ],
    [
      'a time zone that is none',
      { ...VALID, timeZone: 'Berlin' },
      'timeZone: write an IANA time zone such as Europe/Berlin',
    ],
    [
      'a currency that is none',
      { ...VALID, currency: 'euros' },
      'currency: write a sign or code such as €, EUR or kr',
    ],
    [
      'a pattern without groups',
      { ...VALID, fileDay: '\\d+' },
      'fileDay: write a regular expression with the groups',
    ],
    ['a broken pattern', { ...VALID, fileDay: '(' }, 'fileDay: write a regular expression with the groups'],
    [
      'a pattern that takes exponential time',
      { ...VALID, fileDay: '(?<year>(?:a+)+)(?<month>b)(?<day>c)' },
      'fileDay: write a regular expression that repeats no group',
    ],
    ['an unknown quote', { ...VALID, quote: '`' }, 'quote: write \'"\' or "\'"'],
  ])('%s', (_what, document, message) => {
    expect(() => parseProfile('till', JSON.stringify(document))).toThrow(message);
  });

  test('a text that is not JSON', () => {
    expect(() => parseProfile('till', '{')).toThrow('is not JSON: ');
  });

  test('a name with other characters', () => {
    expect(() => parseProfile('Till 7', JSON.stringify(VALID))).toThrow('lower-case letters');
  });
});

describe('a folder of profiles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

  test('that does not exist has none', () => {
    expect(readProfiles(join(folder, 'missing'))).toEqual([]);
  });

  test('gives each profile with its stores', () => {
    write('till.json', JSON.stringify({ ...VALID, titles: { quantity: 'Menge' }, dateFormats: 'DD.MM.YY' }));
    write('notes.txt', 'no profile');
    const profile = { name: 'till', titles: { quantity: ['Menge'] }, dateFormats: ['DD.MM.YY'] };
    expect(readProfiles(folder)).toEqual([{ stores: ['paris'], profile }]);
  });

  test('is refused with a store that the settings do not have', () => {
    expect(readProfiles(folder, ['oslo', 'paris'])).toHaveLength(1);
    expect(() => readProfiles(folder, ['oslo', 'lyon'])).toThrow(
      'till.json: stores: paris is not in retail:stores, which has oslo, lyon; correct the name, or add it there',
    );
  });

  test('is refused with every mistake of every file', () => {
    write('other.json', JSON.stringify(VALID));
    write('wrong.json', JSON.stringify({ version: 2, stores: 'x' }));
    expect(() => readProfiles(folder)).toThrow(
      [
        'Wrong profiles:',
        `  ${folder}/wrong.json: version: write the number 1`,
        `  ${folder}/wrong.json: stores: write a list of stores`,
        `  ${folder}/till.json: stores: other.json has the store paris too; name it in one of them`,
      ].join('\n'),
    );
  });
});

/** The files and the profiles of the page, in pairs. */
const PAGE = readFileSync(new URL('../../../docs/profiles.md', import.meta.url), 'utf8');
const EXAMPLES = Array.from(
  PAGE.matchAll(
    /`(\S+\.csv)`[\s\S]*?```csv\n([\s\S]*?)```\n`profiles\/(\S+)\.json`:\n```json\n([\s\S]*?)```/g,
  ),
  ([, key, csv, name, json]) => ({ key: key!, csv: csv!, name: name!, json: json! }),
);

test.each(EXAMPLES)(
  'the file $key of docs/profiles.md is read by its profile $name',
  async ({ key, csv, name, json }) => {
    const { profile } = parseProfile(name, json);
    const taxes = ['20', '19', '7'].map((percent) => ({ name: `${percent} %`, percent }));
    const settings = { rules: { ...DEFAULT_RULES, taxes, profile }, maxMessageBytes: 1_048_576 };
    const { batches, rejects } = await parseAll(uploadOf(`incoming/${key}`), [Buffer.from(csv)], settings);
    expect(rejects).toEqual([]);
    expect(batches.at(-1)!.closing?.format?.totals ?? 'agree').toBe('agree');
    expect(batches.flatMap(readRows).length).toBeGreaterThan(1);
    expect(batches.at(-1)!.closing).toMatchObject({ format: { profile: name } });
  },
);

test('the CSV of rejected rows of a profile is read by it again, with the same ids and the day of the name', async () => {
  const { csv, name, json } = EXAMPLES[1]!;
  const rules = { ...DEFAULT_RULES, profile: parseProfile(name, json).profile };
  const parse = async (key: string, text: string) =>
    parseAll(uploadOf(key), [Buffer.from(text)], { rules, maxMessageBytes: 1_048_576 });
  const key = `incoming/store=paris-12/${EXAMPLES[1]!.key}`;
  const [whole] = (await parse(key, csv)).batches;
  const broken = await parse(key, csv.replaceAll('12,00', '12,01'));
  const { header, format } = broken.batches[0]!;
  const rejected = new RejectedCsv(header!, uploadOf(key).fileId, format!);
  const text = rejected.formatHeader() + broken.rejects.map((row) => rejected.formatRow(row)).join('');
  const rejectedKey = buildRejectedKey(uploadOf(key), 1).replace('rejected/', 'incoming/');
  const { batches, rejects } = await parse(rejectedKey, text.replaceAll(';12,01', ';12,00'));
  expect(rejects).toEqual([]);
  const { line: _, ...row } = batches.flatMap(readRows)[0]!;
  expect(readRows(whole!)).toContainEqual({ ...row, line: 2 });
});

test('docs/profiles.md has three examples', () => expect(EXAMPLES).toHaveLength(3));

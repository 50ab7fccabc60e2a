import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameToSend } from '../../../console/screens/drop-files.ts';
import { findDays, isWithin, lacksDate } from '../../../console/screens/drop-name.ts';
import { nameCorrections, readDateOfKey } from '../../../console/screens/fix-name.ts';
import { UploadRequest } from '../../../lambdas/api/schemas.ts';
import { DEFAULT_RULES, type Rules } from '../../../lambdas/core/rules.ts';
import {
  addDateToName,
  buildUploadKey,
  FILE_ENDINGS,
  readDateFromName,
  removeEnding,
} from '../../../lambdas/core/upload-key.ts';
import { Judge } from '../../../lambdas/core/verdict.ts';
import { parseAll } from '../../support/parse-all.ts';
import { uploadOf } from '../../support/upload-fixture.ts';

const DAY = '2025-06-03';
/** Patterns of profiles. They read other dates, or none, in names that plain files have. */
const PATTERNS = [
  undefined,
  String.raw`^ventes-(?<day>\d\d)(?<month>\d\d)(?<year>\d{4})`,
  String.raw`(?<year>\d\d)(?<month>\d\d)(?<day>\d\d)`,
  String.raw`(?<month>\d\d)_(?<day>\d\d)_(?<year>\d{4})`,
  String.raw`(?<day>\d\d).?(?<month>\d\d).?(?<year>\d{4})`,
];

async function check(text: string, fileName: string, rules: Rules = DEFAULT_RULES) {
  const upload = uploadOf(buildUploadKey({ storeId: 'main', fileName }));
  const { batches } = await parseAll(upload, [Buffer.from(text)], { rules, maxMessageBytes: 1_000_000 });
  const judge = new Judge();
  for (const batch of batches) judge.add(batch);
  return judge.verdicts[0]!;
}

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const ROW = '00000000-0000-4000-8000-000000000001,SELL,Soap,1,1.00,1.20';

test.each([
  ['sales.csv', 'retail_03_06_2025_sales.csv'],
  ['Export (3).xlsx', 'retail_03_06_2025_Export (3).xlsx'],
  ['week.ndjson.gz', 'retail_03_06_2025_week.ndjson.gz'],
  ['<img src=x onerror=alert(1)>.CSV', 'retail_03_06_2025_<img src=x onerror=alert(1)>.CSV'],
  ['.csv', 'retail_03_06_2025.csv'],
  // A day that does not exist gives way.
  ['retail_31_06_2025.csv', 'retail_03_06_2025.csv'],
  ['Retail_31_06_2025 till 2.csv', 'retail_03_06_2025_till 2.csv'],
  ['retail_01_06_2025 and retail_02_06_2025.csv', 'retail_03_06_2025_and.csv'],
  ['sales.dat', undefined],
])('a date makes %s into %s', (name, dated) => expect(addDateToName(name, DAY)).toBe(dated));

test('a name that waits already, or looks like one with a number, gets another number', () => {
  const taken = ['retail_03_06_2025_sales.csv', 'retail_03_06_2025_sales_2.csv'];
  expect(addDateToName('sales.csv', DAY, undefined, taken)).toBe('retail_03_06_2025_sales_3.csv');
  expect(addDateToName('sales.csv', '2025-06-04', undefined, taken)).toBe('retail_04_06_2025_sales.csv');
  const long = `${'x'.repeat(300)}.csv`;
  const first = addDateToName(long, DAY)!;
  const second = addDateToName(long, DAY, undefined, [first])!;
  expect([first.length, second.length, second.slice(-6)]).toEqual([200, 200, '_2.csv']);
});

test('the month first, or digits that the pattern takes for a date: the year is first, or no date is given', () => {
  const [, , digits, monthFirst] = PATTERNS;
  expect(addDateToName('sales.csv', DAY, monthFirst)).toBe('retail_2025-06-03_sales.csv');
  expect(addDateToName('sales 990099.csv', DAY, digits)).toBeUndefined();
  expect(findDays('sales 990099.csv', { ...DEFAULT_RULES, profile: { name: 'a', fileDay: digits! } })).toBe(
    undefined,
  );
});

test('every name that is given has the day that was chosen, ends as before, and is accepted by the API', () => {
  const ending = fc.tuple(fc.constantFrom(...FILE_ENDINGS, 'CSV'), fc.constantFrom('', '.gz', '.zip'));
  const stem = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 250 }),
    fc.stringMatching(/^[a-z]{0,5}(retail_)?[0-9_]{0,14}[ -]?(retail_)?[0-9_-]{0,14}$/),
  );
  const day = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(stem, ending, day, fc.constantFrom(...PATTERNS), (text, [end, packed], date, pattern) => {
      // Names of files have no folders, and S3 has a variable.
      const own = nameToSend({ name: `${text.replace(/[/\\$]/g, '')}.${end}${packed}` });
      const chosen = date.toISOString().slice(0, 10);
      const first = addDateToName(own, chosen, pattern);
      if (first === undefined) {
        expect(pattern).toBeDefined();
        return;
      }
      for (const name of [first, addDateToName(own, chosen, pattern, [first]) ?? first]) {
        const key = buildUploadKey({ storeId: 'main', fileName: name });
        expect(readDateOfKey(key, pattern)).toBe(chosen);
        expect(name.slice(removeEnding(name).length)).toBe(own.slice(removeEnding(own).length));
        expect(UploadRequest.safeParse({ fileName: name, size: 1 }).error).toBeUndefined();
        const corrections = nameCorrections(key, pattern);
        expect(readDateFromName(corrections, pattern)).toBe(chosen);
        expect(UploadRequest.safeParse({ fileName: corrections, size: 1 }).error).toBeUndefined();
      }
    }),
    { numRuns: 500 },
  );
});

test('the parser gives the rows of a file the day of its name, for plain files and those of a profile', async () => {
  for (const fileDay of PATTERNS) {
    const rules =
      fileDay === undefined ? DEFAULT_RULES : { ...DEFAULT_RULES, profile: { name: 'till', fileDay } };
    const text = `${HEADER}\n${ROW}\n`;
    const undated = await check(text, 'sales.csv', rules);
    expect(lacksDate([undated])).toBe(true);
    const dated = await check(text, addDateToName('sales.csv', DAY, fileDay)!, rules);
    expect([dated.status, dated.firstDay, dated.lastDay]).toEqual(['ok', DAY, DAY]);
  }
});

test('no file of an archive is asked for its day', () => {
  const [archive, inner] = [{ failureCode: null }, { failureCode: 'date-unknown' }];
  expect([lacksDate([inner]), lacksDate([archive, inner]), lacksDate([])]).toEqual([true, false, false]);
});

test.each([
  [{}, '1900-01-01', '2025-06-03'],
  [{ earliestDate: '2020-01-01', maxDaysAhead: 7 }, '2020-01-01', '2025-06-03'],
  [{ maxDaysAhead: -1 }, '1900-01-01', '2025-06-02'],
])('by the rules %j a person may choose a day from %s to %s', (rules, first, last) => {
  const days = findDays('sales.csv', { ...DEFAULT_RULES, ...rules }, new Date('2025-06-03T12:00:00Z'))!;
  expect(days).toEqual({ first, last });
  expect([first, last, '0202-06-03', '2025-06-04'].map((day) => isWithin(day, days))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('rules that refuse every day until today let a person choose none', () => {
  expect(findDays('sales.csv', { ...DEFAULT_RULES, earliestDate: '9000-01-01' })).toBeUndefined();
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { utf16le, windows1252 } from '../../corpus/make/encodings.ts';
import { HEADER } from '../../corpus/make/situation.ts';
import { TestCloud } from '../../support/test-cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await TestCloud.start();
});
afterAll(() => cloud?.stop());

const REJECT_COLUMNS = 'reject_file,reject_line,reject_column,reject_code,reject_message';
const titlesIn = (quote: string) => HEADER.replace(/\w+/g, `${quote}$&${quote}`);

let files = 0;
test.each([
  ['commas', ',', '"', HEADER, Buffer.from],
  ['semicolons', ';', '"', HEADER, Buffer.from],
  ['tabs', '\t', '"', HEADER, Buffer.from],
  ['vertical bars', '|', '"', HEADER, Buffer.from],
  ['single quotes around titles', ',', "'", titlesIn("'"), Buffer.from],
  ['single quotes in rows only', ',', "'", HEADER, Buffer.from],
  ['UTF-16', ';', '"', HEADER, utf16le],
  ['Windows-1252', ';', '"', HEADER, windows1252],
])(
  'corrected rejects of a file with %s load when they are uploaded',
  async (_, delimiter, quote, header, as) => {
    const store = `rejected-${++files}`;
    const idOf = (number: number) =>
      `00000000-0000-4000-8000-${String(files * 10 + number).padStart(12, '0')}`;
    const line = (...values: string[]) => values.map((value) => quote + value + quote).join(delimiter);
    const titles = header.replaceAll(',', delimiter);
    const name = `Café${delimiter} large,\n${quote}${quote}crème${quote}${quote}`;
    const text = [
      titles,
      line(idOf(1), 'SELL', name, '2', '10.00', '12.00'),
      // Its message has commas.
      line(idOf(2), 'SELL', name, '2', '10.00', '77.00'),
      '',
    ].join('\n');
    const entry = await cloud.load(`incoming/store=${store}/retail_15_03_2025.csv`, as(text));
    expect(entry).toMatchObject({ status: 'complete', rowsInserted: 1, rowsRejected: 1 });

    const [key] = await cloud.keys(`rejected/store=${store}/`);
    const rejected = await cloud.object(key!);
    expect(rejected.split('\n')[0]).toBe(REJECT_COLUMNS.replaceAll(',', delimiter) + delimiter + titles);
    const corrected = rejected.replace(line('10.00', '77.00'), line('10.00', '12.00'));
    expect(corrected).not.toBe(rejected);
    const again = await cloud.load(`incoming/store=${store}/${key!.split('/').at(-1)}`, corrected);
    expect(again).toMatchObject({ status: 'complete', rowsInserted: 1, rowsRejected: 0 });
    expect(await cloud.rows('SELECT name FROM transactions WHERE upload_id = $1', [again.uploadId])).toEqual([
      { name: name.replaceAll(quote + quote, quote) },
    ]);
  },
);

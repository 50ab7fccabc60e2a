import { describe, expect, it } from 'vitest';
import { refuseUpload } from '../../../../lambdas/core/batches/closing-batch.ts';
import { parseBatches } from '../../../../lambdas/core/parse.ts';
import { FAILURE_CODES } from '../../../../lambdas/core/reject-codes.ts';
import { DEFAULT_RULES } from '../../../../lambdas/core/rules.ts';
import { parseAll } from '../../../support/parse-all.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const GOOD = '0284f92e-54f7-4766-880d-2cc5a8993a89,SELL,Milk,3,10.00,12.00';
const SETTINGS = { rules: DEFAULT_RULES, maxMessageBytes: 524_288 };

const parse = (content: string | Uint8Array, key?: string) =>
  parseAll(uploadOf(key), [Buffer.from(content)], SETTINGS);

const PICTURE = Buffer.from('ffd8ffe000104a46494600', 'hex');

describe('a file that cannot be read', () => {
  it.each([
    ['file-empty', 'an empty file', '', undefined],
    ['file-empty', 'a file of blank lines', '\ufeff\r\n \r\n\n', undefined],
    ['not-csv', 'a picture', PICTURE, undefined],
    ['not-csv', 'an image with NUL', 'GIF8\0\0', undefined],
    ['not-csv', 'a header with an unclosed quote', `"${HEADER}\n${GOOD}`, undefined],
    ['not-csv', 'a header that is too long', 'x,'.repeat(40_000), undefined],
    ['not-csv', 'a header that no message has room for', `${HEADER},${'x'.repeat(8_200)}`, undefined],
    ['column-missing', 'a file without a header', GOOD, undefined],
    [
      'column-missing',
      'a header below a hundred other lines',
      `${'x\n'.repeat(100)}${HEADER}\n${GOOD}`,
      undefined,
    ],
    ['column-duplicated', 'a duplicated column', `${HEADER},name\n${GOOD},Milk`, undefined],
    ['date-unknown', 'no date in name or column', `${HEADER}\n${GOOD}`, 'incoming/store=a/sales.csv'],
    ['date-unknown', 'a day that does not exist', `${HEADER}\n${GOOD}`, 'incoming/retail_30_02_2022.csv'],
    ['key-invalid', 'a key with NUL', `${HEADER}\n${GOOD}`, 'incoming/a␀/retail_15_01_2022.csv'],
    [
      'key-invalid',
      'a store that is not allowed',
      `${HEADER}\n${GOOD}`,
      'incoming/store=a b/retail_15_01_2022.csv',
    ],
  ])('says %s for %s, in one batch without rows', async (code, _what, content, key) => {
    const { totals, batches, rejects } = await parse(content, key);
    expect(totals).toMatchObject({ batches: 1, rowsRead: 0, rowsRejected: 0, failure: { code } });
    expect(FAILURE_CODES).toHaveProperty(code);
    expect(batches).toHaveLength(1);
    expect(batches[0]).toMatchObject({
      batch: 1,
      rowCount: 0,
      rejects: [],
      closing: { batches: 1, rowsRead: 0, failure: { code, message: expect.stringMatching(/.{20}/) } },
    });
    expect(rejects).toEqual([]);
  });

  it('gives one batch with the reason for an object that cannot be opened', () => {
    const failure = { code: 'object-deleted', message: 'Drop the file again.' } as const;
    const closing = { batches: 1, rowsRead: 0, failure };
    const totals = { batches: 1, rowsRead: 0, rowsRejected: 0, failure };
    expect(refuseUpload(uploadOf(), failure)).toMatchObject({ batch: { closing }, next: undefined, totals });
    expect(refuseUpload(uploadOf(), failure).batch.closing).toEqual(closing);
    const format = { compression: 'zip' } as const;
    expect(refuseUpload(uploadOf(), failure, format).batch.closing).toEqual({ ...closing, format });
  });

  it('quotes what is wrong', async () => {
    const messageOf = async (content: string, key?: string) =>
      (await parse(content, key)).totals.failure?.message;
    expect(await messageOf(`${HEADER}\n`, 'incoming/store=a b/retail_15_01_2022.csv')).toBe(
      'The key "incoming/store=a b/retail_15_01_2022.csv" is not incoming/store=<store>/<file name> with a store of ' +
        'letters, digits, ".", "_" and "-".',
    );
    expect(await messageOf(`${HEADER}\n`, 'incoming/a␀b.csv')).toMatch(
      /^The key "incoming\/a␀b\.csv" contains a NUL character, or the symbol for it\. Drop the file /,
    );
    expect(await messageOf(`${HEADER}\n`, 'incoming/sales.csv')).toBe(
      'The transaction date is unknown. Name the file retail_DD_MM_YYYY.csv, with an existing day, or add a column ' +
        'transaction_date.',
    );
  });

  it('keeps what is known of its format', async () => {
    const formatOf = async (content: string | Buffer, compression?: 'gzip') => {
      async function* chunks() {
        yield Buffer.from(content);
      }
      const upload = uploadOf('incoming/sales.csv');
      const bytes = { chunks: chunks(), ...(compression && { compression }) };
      const { value } = await parseBatches(upload, bytes, SETTINGS).next();
      return value!.batch.closing?.format;
    };
    expect(await formatOf('')).toEqual({ encoding: 'UTF-8' });
    expect(await formatOf(Buffer.from('\ufeffx', 'utf16le'), 'gzip')).toEqual({
      compression: 'gzip',
      encoding: 'UTF-16LE',
    });
    expect(await formatOf(Buffer.from('\xe8', 'latin1'))).toEqual({ encoding: 'Windows-1252' });
    expect(await formatOf(`${HEADER}\n`, 'gzip')).toMatchObject({ compression: 'gzip', delimiter: ',' });
  });

  it('is read no further than the head that shows the reason', async () => {
    async function* chunks() {
      yield Buffer.alloc(300_000, 'x\n');
      throw new Error('these bytes are not needed');
    }
    const { value } = await parseBatches(uploadOf(), { chunks: chunks() }, SETTINGS).next();
    expect(value!.batch.closing).toMatchObject({ failure: { code: 'column-missing' } });
  });

  it('is not one with a header and no rows', async () => {
    const { totals, batches } = await parse(`${HEADER}\n`);
    expect(totals).toEqual({ batches: 1, rowsRead: 0, rowsRejected: 0 });
    expect(batches[0]?.closing).toMatchObject({
      batches: 1,
      rowsRead: 0,
      format: { delimiter: ',', headerLine: 1 },
    });
  });
});

describe('rows that cannot be read', () => {
  it('are rejected one by one: a NUL', async () => {
    const { totals, rejects } = await parse(`${HEADER}\n${GOOD}\n${GOOD.replace('Milk', 'Mi\0lk')}\n${GOOD}`);
    expect(totals).toEqual({ batches: 1, rowsRead: 3, rowsRejected: 1 });
    expect(rejects).toMatchObject([{ line: 3, column: 'description', code: 'name-invalid' }]);
  });

  it('are rejected one by one: bytes that are not UTF-8', async () => {
    const [bad, good] = [GOOD.replace('Milk', 'Cr\xe8me'), GOOD.replace('Milk', 'Crème brûlée')];
    const damaged = [Buffer.from(`${HEADER}\n${bad}\n`, 'latin1'), Buffer.from(good)];
    const { totals, rejects } = await parse(Buffer.concat(damaged));
    expect(totals).toEqual({ batches: 1, rowsRead: 2, rowsRejected: 1 });
    expect(rejects).toMatchObject([{ line: 2, code: 'name-not-utf8' }]);
  });

  it('are rejected one by one: an unclosed quote, and a line that is too long', async () => {
    const lines = [HEADER, `"${GOOD}`, GOOD, GOOD.replace('Milk', 'x'.repeat(70_000)), GOOD];
    const { totals, rejects } = await parse(lines.join('\r\n'));
    expect(totals).toEqual({ batches: 1, rowsRead: 4, rowsRejected: 2 });
    expect(rejects.map(({ line, code, text }) => [line, code, text.slice(0, 9)])).toEqual([
      [2, 'quotes-malformed', '"0284f92e'],
      [4, 'row-too-long', '0284f92e-'],
    ]);
    expect(rejects[0]?.text).toBe(`"${GOOD}`);
  });
});

import { describe, expect, it } from 'vitest';
import { refuseUpload } from '../../../../lambdas/core/parse-upload.ts';
import { FAILURE_CODES } from '../../../../lambdas/core/reject-codes.ts';
import type { RowBatch } from '../../../../lambdas/core/row-batch.ts';
import { parseAll } from '../../../support/parse-all.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const GOOD = '0284f92e-54f7-4766-880d-2cc5a8993a89,SELL,Milk,3,10.00,12.00';
const SETTINGS = { basisPoints: 2_000, maxMessageBytes: 524_288, unknownColumns: 'ignore' } as const;

const parse = (content: string | Uint8Array, key?: string) =>
  parseAll(uploadOf(key), [Buffer.from(content)], SETTINGS);

const PICTURE = Buffer.from('ffd8ffe000104a46494600', 'hex');

describe('parseUpload on a file that it cannot read', () => {
  it.each([
    ['file-empty', 'an empty file', '', undefined],
    ['file-empty', 'a file of blank lines', '\ufeff\r\n \r\n\n', undefined],
    ['not-csv', 'a picture', PICTURE, undefined],
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
    ['column-duplicated', 'a column that stands twice', `${HEADER},name\n${GOOD},Milk`, undefined],
    ['date-unknown', 'no date in name or column', `${HEADER}\n${GOOD}`, 'incoming/store=a/sales.csv'],
    ['date-unknown', 'a day that does not exist', `${HEADER}\n${GOOD}`, 'incoming/retail_30_02_2022.csv'],
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

  it('says why an upload was refused before it was read', async () => {
    const batches: RowBatch[] = [];
    const failure = { code: 'object-deleted', message: 'Drop the file again.' } as const;
    const sink = async (batch: RowBatch) => void batches.push(batch);
    expect(await refuseUpload(uploadOf(), SETTINGS, sink, failure)).toMatchObject({ failure });
    expect(batches.map(({ closing }) => closing)).toEqual([{ batches: 1, rowsRead: 0, failure }]);
  });

  it('takes a file with a header and no rows', async () => {
    const { totals, batches } = await parse(`${HEADER}\n`);
    expect(totals).toEqual({ batches: 1, rowsRead: 0, rowsRejected: 0 });
    expect(batches[0]?.closing).toMatchObject({
      batches: 1,
      rowsRead: 0,
      format: { delimiter: ',', headerLine: 1 },
    });
  });
});

describe('parseUpload on rows that it cannot read', () => {
  it('lets a NUL below the header cost its own row only', async () => {
    const { totals, rejects } = await parse(`${HEADER}\n${GOOD}\n${GOOD.replace('Milk', 'Mi\0lk')}\n${GOOD}`);
    expect(totals).toEqual({ batches: 1, rowsRead: 3, rowsRejected: 1 });
    expect(rejects).toMatchObject([{ line: 3, column: 'description', code: 'name-invalid' }]);
  });

  it('lets bytes that are no UTF-8 cost their own row only', async () => {
    const [bad, good] = [GOOD.replace('Milk', 'Cr\xe8me'), GOOD.replace('Milk', 'Crème brûlée')];
    const damaged = [Buffer.from(`${HEADER}\n${bad}\n`, 'latin1'), Buffer.from(good)];
    const { totals, rejects } = await parse(Buffer.concat(damaged));
    expect(totals).toEqual({ batches: 1, rowsRead: 2, rowsRejected: 1 });
    expect(rejects).toMatchObject([{ line: 2, code: 'name-not-utf8' }]);
  });

  it('lets an unclosed quote and a line that is too long cost their own rows only', async () => {
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

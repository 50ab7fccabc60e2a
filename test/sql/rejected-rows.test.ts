import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RejectedCsv } from '../../lambdas/core/rejected-csv.ts';
import { computeFileId, computeUploadId } from '../../lambdas/shared/upload-id.ts';
import { batchOf, load, loadFile, uuid } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
let database: TestDatabase;
let loader: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  loader = await database.connectAs('retail_loader');
});
afterAll(() => database?.drop());

const row = (number: number, category = 'SELL') => `${uuid(number)},${category},Soap,1,1.00,1.20`;

/** Loads a file. @returns its upload, and the CSV of its rejected rows */
async function loadRows(store: string, name: string, ...lines: string[]) {
  const key = `incoming/store=${store}/retail_01_01_2024_${name}.csv`;
  const parsed = await loadFile(loader, key, [...lines, ''].join('\n'));
  const { upload, header, format } = parsed.batches[0]!;
  const csv = new RejectedCsv(header!, upload.fileId, format!);
  const rejected = [csv.formatHeader(), ...parsed.rejects.map((reject) => csv.formatRow(reject))];
  return { upload, parsed, rejected: rejected.map((line) => line.trimEnd()) };
}

/** Lines and states of the rejected rows of an upload. */
async function states({ upload }: Awaited<ReturnType<typeof loadRows>>) {
  const rows = await database.rows<{ line: number; state: string; corrected_by: string | null }>(
    'SELECT line, state, corrected_by FROM ledger.reject_states WHERE upload_id = $1 ORDER BY line',
    [upload.uploadId],
  );
  return rows.map(({ line, state, corrected_by }) => [line, state, corrected_by]);
}

/** Compares what the functions count with the states of all rows. @returns the number of uploads */
async function checkCounts(): Promise<number> {
  const counts = await database.rows<{ counted: unknown; expected: unknown }>(
    `SELECT json_build_array(ledger.count_open(u.upload_id), (
              SELECT json_agg(c ORDER BY c.code, c.field) FROM ledger.count_rejects(u.upload_id) AS c)) AS counted,
            json_build_array((
              SELECT count(*) FROM ledger.reject_states AS r WHERE r.upload_id = u.upload_id AND r.state = 'open'), (
              SELECT json_agg(c ORDER BY c.code, c.field) FROM (
                SELECT r.code, r.column_name AS field, count(*) AS rejected, count(*) FILTER (WHERE r.state = 'open') AS open
                FROM ledger.reject_states AS r WHERE r.upload_id = u.upload_id GROUP BY 1, 2) AS c)) AS expected
     FROM ledger.uploads AS u`,
  );
  for (const { counted, expected } of counts) expect(counted).toEqual(expected);
  return counts.length;
}

describe('a rejected row', () => {
  test('is open until a corrected row names it, also one that was rejected again in the meantime', async () => {
    const first = await loadRows(
      'a',
      'first',
      HEADER,
      row(1),
      row(2, 'LEND'),
      row(3, 'LOST'),
      row(4, 'LENT'),
    );
    const open = [
      [3, 'open', null],
      [4, 'open', null],
      [5, 'open', null],
    ];
    expect(await states(first)).toEqual(open);

    const [header = '', two = '', three = ''] = first.rejected;
    const second = await loadRows('a', 'second', header, two.replace(',LEND,', ',SELL,'), three);
    expect(second.parsed.totals).toMatchObject({ rowsRead: 2, rowsRejected: 1 });
    const corrected = [3, 'corrected', second.upload.uploadId];
    expect(await states(first)).toEqual([corrected, ...open.slice(1)]);
    expect(await states(second)).toEqual([[3, 'open', null]]);

    expect(second.rejected[1]).toContain(`${first.upload.fileId},4,`);
    const third = await loadRows(
      'a',
      'third',
      second.rejected[0]!,
      second.rejected[1]!.replace(',LOST,', ',BUY,'),
    );
    expect(await states(first)).toEqual([corrected, [4, 'corrected', third.upload.uploadId], open[2]]);
    expect(await states(second)).toEqual([[3, 'corrected', third.upload.uploadId]]);
  });

  test('is not corrected by a row of another store', async () => {
    const first = await loadRows('b', 'first', HEADER, row(11, 'LEND'));
    const [header = '', line = ''] = first.rejected;
    await loadRows('c', 'second', header, line.replace(',LEND,', ',SELL,'));
    expect(await states(first)).toEqual([[2, 'open', null]]);
  });

  test('may be corrected before its file is loaded, as in a rebuild', async () => {
    const key = 'incoming/store=d/retail_01_01_2024_first.csv';
    const empty = await TestDatabase.create();
    const other = await empty.connectAs('retail_loader');
    const { batches } = await loadFile(other, key, [HEADER, row(21, 'LEND'), ''].join('\n'));
    await other.end();
    await empty.drop();
    const line = `${batches[0]!.upload.fileId},2,${row(21)}`;
    const second = await loadRows('d', 'second', `reject_file,reject_line,${HEADER}`, line);
    const first = await loadRows('d', 'first', HEADER, row(21, 'LEND'));
    expect(await states(first)).toEqual([[2, 'corrected', second.upload.uploadId]]);
  });

  test.each([
    ['later', 1],
    ['earlier', 0],
  ])('is settled if a reading that is %s accepts the row', async (name, accepts) => {
    const first = await loadRows('e', name, HEADER, row(31 + accepts, accepts === 1 ? 'LEND' : 'SELL'));
    const { upload } = first;
    const again = { ...upload, uploadId: uuid(9_000 + accepts), revision: 'r2' };
    const { parsed } = await loadRows('f', name, HEADER, row(31 + accepts, accepts === 1 ? 'SELL' : 'LEND'));
    for (const batch of parsed.batches) {
      await load(loader, { ...batch, upload: again });
    }
    const rejecting = accepts === 1 ? first : { ...first, upload: again };
    expect(await states(rejecting)).toEqual([[2, 'settled', null]]);
  });

  /** Keeps a decision about a file as the loader does. */
  async function decide(kind: string, file: { key: string; versionId: string }, lines: string | null) {
    const owner = await database.connectAs('retail_migrator');
    await owner.query(
      `INSERT INTO ledger.decisions (bucket, object_key, version_id, kind, file_key, file_version, lines, reason,
         decided_by, is_forced, decided_at, received_at, state)
       VALUES ('bucket', gen_random_uuid()::text, 'v1', $1, $2, $3, $4::int4multirange, 'A test.', 'me', false, now(),
               now(), 'done')`,
      [kind, file.key, file.versionId, lines],
    );
  }

  test('is waived by a decision about its line, and so is its correction; a correction is stronger', async () => {
    const first = await loadRows('h', 'first', HEADER, row(51, 'LEND'), row(52, 'LEND'), row(53, 'LEND'));
    const again = await loadRows('h', 'again', ...first.rejected.slice(0, 2));
    const [header = '', , third = ''] = first.rejected;
    await loadRows('h', 'right', header, third.replace(',LEND,', ',SELL,'));
    await decide('waive', first.upload, '{[2,4)}');
    expect((await states(first)).map(([line, state]) => [line, state])).toEqual([
      [2, 'waived'],
      [3, 'corrected'],
      [4, 'open'],
    ]);
    expect(await states(again)).toEqual([[2, 'waived', null]]);
    const sql = `SELECT reason FROM reporting.rejected_rows WHERE store_id = 'h' AND state = 'waived'`;
    expect(await database.rows(sql)).toEqual([{ reason: 'A test.' }, { reason: 'A test.' }]);
  });

  test('is retracted with its file, and open again if its correction is', async () => {
    const first = await loadRows('i', 'first', HEADER, row(61, 'LEND'));
    const [header = '', line = ''] = first.rejected;
    const second = await loadRows('i', 'second', header, line.replace(',LEND,', ',SELL,'));
    expect(await states(first)).toEqual([[2, 'corrected', second.upload.uploadId]]);
    await decide('retract', second.upload, null);
    expect(await states(first)).toEqual([[2, 'open', null]]);
    await decide('retract', first.upload, null);
    expect(await states(first)).toEqual([[2, 'retracted', null]]);
  });

  test('is waived with its repetition in a file of corrections, unless that is of another store', async () => {
    const first = await loadRows('j', 'first', HEADER, row(71, 'LEND'), row(72, 'LEND'));
    const again = await loadRows('j', 'again', ...first.rejected.slice(0, 2));
    const foreign = await loadRows('k', 'foreign', first.rejected[0]!, first.rejected[2]!);
    await decide('waive', again.upload, '{[2,3)}');
    await decide('waive', foreign.upload, null);
    expect((await states(first)).map(([line, state]) => [line, state])).toEqual([
      [2, 'waived'],
      [3, 'open'],
    ]);
  });

  test('is open once if its file is dropped again, and is corrected or waived for all of its versions', async () => {
    const lines = [HEADER, row(81, 'LEND'), row(82, 'LEND'), row(83, 'LEND'), `,SELL,Soap,1,1.00,1.20`];
    const first = await loadRows('l', 'same', ...lines);
    /** Loads the file once more under the same name, as a new version. */
    const drop = async (versionId: string, ...changed: string[]) => {
      const key = first.upload.key;
      const { batches } = await loadFile(loader, key, [...changed, ''].join('\n'), versionId);
      return { ...first, upload: batches[0]!.upload };
    };
    const second = await drop('v2', ...lines);
    const third = await drop('v3', ...lines.slice(0, 4), `,SELL,Salt,1,1.00,1.20`);
    const of = async (upload: typeof first) => (await states(upload)).map(([, state]) => state);
    expect(await of(first)).toEqual(['repeated', 'repeated', 'repeated', 'repeated']);
    expect(await of(second)).toEqual(['repeated', 'repeated', 'repeated', 'open']);
    expect(await of(third)).toEqual(['open', 'open', 'open', 'open']);
    await checkCounts();

    const [header = '', line = ''] = first.rejected;
    await loadRows('l', 'right', header, line.replace(',LEND,', ',SELL,'));
    await checkCounts();
    await decide('waive', second.upload, '{[3,4)}');
    for (const upload of [first, second, third]) {
      expect((await of(upload)).slice(0, 2)).toEqual(['corrected', 'waived']);
    }
    await checkCounts();
    await decide('retract', third.upload, null);
    expect(await of(second)).toEqual(['corrected', 'waived', 'open', 'open']);
    expect(await of(first)).toEqual(['corrected', 'waived', 'repeated', 'repeated']);
  });

  test('is waived in the newest version of its file by a decision about a former one', async () => {
    const lines = [HEADER, row(85, 'LEND')];
    const former = await loadRows('l', 'former', ...lines);
    const { batches } = await loadFile(loader, former.upload.key, [...lines, ''].join('\n'), 'v2');
    await decide('waive', former.upload, null);
    expect(await states({ ...former, upload: batches[0]!.upload })).toEqual([[2, 'waived', null]]);
    await checkCounts();
  });

  test('is corrected by the row with its id in a later version of its file, until that is retracted', async () => {
    const first = await loadRows(
      'p',
      'place',
      HEADER,
      row(121),
      row(122, 'LEND'),
      row(123, 'LEND'),
      row(124, 'LEND'),
    );
    const { key } = first.upload;
    const drop = async (versionId: string, ...lines: string[]) => {
      const { batches } = await loadFile(loader, key, [HEADER, ...lines, ''].join('\n'), versionId);
      return batches[0]!.upload;
    };
    // Another day's file with the same name has other rows on the same lines.
    await drop('v2', row(131), row(132), row(133), row(134));
    expect((await states(first)).map(([, state]) => state)).toEqual(['open', 'open', 'open']);
    // A line above was deleted; one row is corrected, one is still wrong, and one is missing.
    const third = await drop('v3', row(122).toUpperCase(), row(124, 'LENT'));
    const corrected = [3, 'corrected', third.uploadId];
    expect(await states(first)).toEqual([corrected, [4, 'open', null], [5, 'open', null]]);
    // The row of the third version stays the one that corrects it.
    const fourth = await drop('v4', row(121), row(122));
    expect((await states(first))[0]).toEqual(corrected);
    // A file of another name corrects nothing.
    await loadRows('p', 'other', HEADER, row(123));
    expect((await states(first))[1]).toEqual([4, 'open', null]);
    await decide('retract', { key, versionId: 'v3' }, null);
    expect((await states(first))[0]).toEqual([3, 'corrected', fourth.uploadId]);
    await decide('retract', { key, versionId: 'v4' }, null);
    expect((await states(first))[0]).toEqual([3, 'open', null]);
  });

  test('is told as corrected, waived and open again by later notices of its file', async () => {
    const first = await loadRows('m', 'first', HEADER, row(91, 'LEND'), row(92, 'LEND'));
    const [header = '', two = '', three = ''] = first.rejected;
    const second = await loadRows('m', 'second', header, two.replace(',LEND,', ',SELL,'), three);
    const owner = await database.connectAs('retail_migrator');
    /** Decides as an operator does: by an object. */
    const put = async (kind: 'retract' | 'waive', { key, versionId }: { key: string; versionId: string }) => {
      const object = { bucket: 'bucket', key: `incoming/decisions/${kind}`, versionId: 'v1', revision: 'r1' };
      const upload = {
        ...object,
        uploadId: computeUploadId(object),
        fileId: computeFileId(object),
        storeId: '',
        receivedAt: new Date().toISOString(),
      };
      const decidedAt = upload.receivedAt;
      const decision = { kind, key, versionId, reason: 'A test.', by: 'me', isForced: false, decidedAt };
      const batch = { ...batchOf(upload, 1, { closing: { rowsRead: 0 } }), decision };
      while ((await load(loader, batch)).more);
    };
    const told = async ({ upload }: typeof first) => {
      const sql = 'SELECT result FROM ledger.outbox WHERE upload_id = $1 ORDER BY sequence';
      const { rows } = await owner.query<{ result: { open: number } }>(sql, [upload.uploadId]);
      return rows.map(({ result }) => result.open);
    };
    expect(await told(first)).toEqual([2, 1]);
    await put('waive', second.upload);
    expect([await told(first), await told(second)]).toEqual([
      [2, 1, 0],
      [1, 0],
    ]);
    await put('retract', second.upload);
    expect(await told(first)).toEqual([2, 1, 0, 1]);
  });

  test('is found if files correct it with different ids, until one of them is retracted', async () => {
    const first = await loadRows('n', 'first', HEADER, `,SELL,Soap,1,1.00,1.20`, row(112, 'LEND'));
    const [header = '', one = '', two = ''] = first.rejected;
    const correct = (name: string, id: number) =>
      loadRows('n', name, header, one.replace(',,SELL', `,${uuid(id)},SELL`), two.replace('LEND', 'SELL'));
    const second = await correct('second', 101);
    const again = await correct('again', 101);
    const found = async (...of: (typeof first)[]) => {
      const ids = of.length === 0 ? null : JSON.stringify(of.map(({ upload }) => upload.uploadId));
      const sql = `SELECT upload_id, line, corrected_by FROM ledger.find_double_corrections($1, 10)`;
      return database.rows(sql, [ids]);
    };
    expect(await found()).toEqual([]);
    const third = await correct('third', 102);
    const ids = [second, third].map(({ upload }) => upload.uploadId).sort();
    const double = [{ upload_id: first.upload.uploadId, line: 2, corrected_by: ids }];
    expect(await found()).toEqual(double);
    expect(await found(first)).toEqual(double);
    expect(await found(third)).toEqual(double);
    expect(await found(again)).toEqual(double);
    const owner = await database.connectAs('retail_migrator');
    await owner.query('DELETE FROM transactions WHERE upload_id = $1', [third.upload.uploadId]);
    expect(await found()).toEqual([]);
  });

  test('is counted once however many uploads have it', async () => {
    const first = await loadRows('g', 'first', HEADER, row(41, 'LEND'));
    await loadRows('g', 'second', ...first.rejected);
    const sql = `SELECT sum(rows_rejected)::integer AS rejected, max(rows_open)::integer AS open
                 FROM reporting.rejects_by_reason WHERE store_id = 'g'`;
    expect(await database.rows(sql)).toEqual([{ rejected: 2, open: 1 }]);
  });
});

test('count_open and count_rejects count the rows of every upload above', async () => {
  expect(await checkCounts()).toBeGreaterThan(20);
});

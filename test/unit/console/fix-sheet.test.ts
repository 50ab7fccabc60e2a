import { expect, test } from 'vitest';
import { nameCorrections } from '../../../console/screens/fix-name.ts';
import { FixSheet } from '../../../console/screens/fix-sheet.ts';
import type { RejectedEntry, UploadAnswer } from '../../../lambdas/core/api-answers.ts';
import type { RejectedRow } from '../../../lambdas/core/row-batch.ts';
import { DEFAULT_RULES, type Rules } from '../../../lambdas/core/rules.ts';
import { makeCorpus } from '../../corpus/make/corpus.ts';
import { type Parsed, parseAll } from '../../support/parse-all.ts';
import { uploadOf } from '../../support/upload-fixture.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const KEY = 'incoming/store=main/retail_15_03_2025.csv';
const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

async function parse(text: string | Uint8Array, key: string, rules: Rules): Promise<Parsed> {
  const upload = { ...uploadOf(key), storeId: 'main', receivedAt: new Date().toISOString() };
  return parseAll(upload, [Buffer.from(text)], { rules, maxMessageBytes: 1_000_000 });
}

/** A sheet of the rows that the parser rejects in a file. */
async function openSheet(text: string | Uint8Array, key = KEY, rules: Rules = DEFAULT_RULES) {
  const { rejects, batches } = await parse(text, key, rules);
  const { header = null, format = null, upload } = batches[0]!;
  const answer = { header, format, key, store: 'main', fileId: upload.fileId } as UploadAnswer;
  const sheet = new FixSheet(answer, rules);
  sheet.add(rejects.map((row) => toEntry(row, upload.fileId)));
  return { sheet, rejects, fileId: upload.fileId };
}

function toEntry(
  { line, column, code, message, text, corrects }: RejectedRow,
  fileId: string,
): RejectedEntry {
  const { file, line: firstLine } = corrects ?? { file: fileId, line };
  const common = { isCut: false, state: 'open', correctedBy: null } as const;
  return { line, field: column, code, message, text, ...common, firstFile: file, firstLine };
}

const broken = (...rows: string[]) => [HEADER, ...rows, ''].join('\n');
const column = (sheet: FixSheet, title: string) => sheet.columns.indexOf(title);

/** Runs work to its end. */
function finish<Result>(work: Iterator<unknown, Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

const findSame = (sheet: FixSheet, row: number, column: number) => finish(sheet.findSame(row, column));
const writeCsv = (sheet: FixSheet, rows: readonly number[]) => finish(sheet.writeCsv(rows)).text();
/** Returns the rows whose corrections break no rule. */
function findReady(sheet: FixSheet): number[] {
  finish(sheet.work());
  return [...sheet.ready];
}

test('a correction is judged by the rules of the store, and tied to the rejected row', async () => {
  const { sheet, fileId } = await openSheet(
    broken(`${id(1)},LEND,Tea,1,1.00,1.20`, `${id(2)},SELL,Tea,two,1.00,1.20`),
  );
  const category = column(sheet, 'category');
  sheet.edit([{ row: 0, column: category, value: 'LOAN' }]);
  expect(sheet.findProblems(0)).toMatchObject([{ column: 'category', message: /"LOAN" is not SELL or BUY/ }]);
  expect(findReady(sheet)).toEqual([]);
  sheet.edit([{ row: 0, column: category, value: 'SELL' }]);
  expect(sheet.findProblems(0)).toEqual([]);
  expect(findReady(sheet)).toEqual([0]);
  const { batches, rejects } = await parse(
    await writeCsv(sheet, [0]),
    `incoming/store=main/${sheet.fileName}`,
    DEFAULT_RULES,
  );
  expect(rejects).toEqual([]);
  expect(batches[0]).toMatchObject({
    date: '2025-03-15',
    rowCount: 1,
    corrections: { files: `{${fileId}}`, lines: '{2}' },
  });
});

test('a step is taken back as a whole, and a value as it was is no correction', async () => {
  const { sheet } = await openSheet(
    broken(...[1, 2, 3].map((number) => `${id(number)},LEND,Tea,1,1.00,1.20`)),
  );
  const category = column(sheet, 'category');
  sheet.edit([{ row: 0, column: category, value: 'SELL' }]);
  const { sameValue } = findSame(sheet, 0, category);
  expect(sameValue).toEqual([1, 2]);
  sheet.edit(sameValue.map((row) => ({ row, column: category, value: 'SELL' })));
  expect(findReady(sheet)).toEqual([0, 1, 2]);
  sheet.undo();
  expect(findReady(sheet)).toEqual([0]);
  sheet.edit([{ row: 0, column: category, value: 'LEND' }]);
  expect(sheet.edited).toBe(0);
});

test('only rows with the same reason in the same column have the same problem', async () => {
  const { sheet } = await openSheet(
    broken(
      `${id(1)},LEND,Tea,1,1.00,1.20`,
      `${id(2)},LOAN,Tea,1,1.00,1.20`,
      `${id(3)},SELL,Tea,two,1.00,1.20`,
      `${id(4)},LEND,Tea,1,1.00,1.20`,
    ),
  );
  sheet.edit([{ row: 0, column: column(sheet, 'category'), value: 'SELL' }]);
  expect(findSame(sheet, 0, column(sheet, 'category'))).toEqual({ sameValue: [3], all: [1, 3] });
  expect(findSame(sheet, 0, column(sheet, 'quantity'))).toEqual({ sameValue: [], all: [] });
});

test('a value is offered to the rows in which it is right, and an id to none', async () => {
  const { sheet } = await openSheet(
    broken(
      `${id(1)},SELL,Tea,1,5.00,6.25`,
      `${id(2)},SELL,Tea,1,12.50,15.62`,
      `${id(3)},SELL,Tea,1,5.00,6.50`,
      '17,SELL,Tea,1,5.00,6.00',
      '18,SELL,Tea,1,5.00,6.00',
    ),
  );
  const amount = column(sheet, 'amount_inc_tax');
  sheet.edit([{ row: 0, column: amount, value: '6.00' }]);
  expect(findSame(sheet, 0, amount)).toEqual({ sameValue: [], all: [2] });
  sheet.edit([{ row: 3, column: column(sheet, 'id'), value: id(4) }]);
  expect(sheet.findProblems(3)).toEqual([]);
  expect(findSame(sheet, 3, column(sheet, 'id'))).toEqual({ sameValue: [], all: [] });
});

const MANY = 300;

/** A sheet of rows with the same problem, which a change of many rows leaves to later steps. */
async function openMany() {
  const rows = Array.from({ length: MANY }, (_, index) => `${id(index)},LEND,Tea,1,1.00,1.20`);
  const { sheet } = await openSheet(broken(...rows));
  const category = column(sheet, 'category');
  const setAll = (value: string) => sheet.edit(sheet.open.map((row) => ({ row, column: category, value })));
  return { sheet, category, setAll };
}

test('the work on many rows gives way to the page after each row', async () => {
  const { sheet, category, setAll } = await openMany();
  expect([...sheet.findSame(0, category)]).toHaveLength(MANY);
  setAll('SELL');
  expect(sheet.edited).toBeLessThan(MANY);
  expect([...sheet.work()].length).toBeGreaterThan(MANY);
  expect(sheet.isBusy).toBe(false);
  expect(sheet.ready.size).toBe(MANY);
  expect([...sheet.writeCsv(sheet.ready)]).toHaveLength(MANY);
  sheet.undo();
  expect(sheet.edited).toBeGreaterThan(0);
  sheet.endChange();
  expect(sheet.edited).toBe(0);
});

test.each([true, false])(
  'a change during one of many rows comes after it (judged in between: %j)',
  async (isJudged) => {
    const { sheet, category, setAll } = await openMany();
    const last = MANY - 1;
    const readLast = () => [sheet.read(last, category), findReady(sheet).length];
    setAll('SELL');
    if (isJudged) finish(sheet.work());
    sheet.edit([{ row: last, column: category, value: 'BYE' }]);
    expect(readLast()).toEqual(['BYE', MANY - 1]);
    sheet.undo();
    expect(readLast()).toEqual(['SELL', MANY]);
    sheet.undo();
    if (isJudged) finish(sheet.work());
    sheet.edit([{ row: 0, column: category, value: 'SELL' }]);
    expect(readLast()).toEqual(['LEND', 1]);
    setAll('BUY');
    sheet.remove([0, last]);
    expect([sheet.open.length, findReady(sheet).length, sheet.steps]).toEqual([MANY - 2, MANY - 2, 0]);
    expect(sheet.reasons.map(({ rows }) => rows.length)).toEqual([MANY - 2]);
  },
);

test('a change while rows are judged is judged with them', async () => {
  const { sheet, category, setAll } = await openMany();
  setAll('SELL');
  const work = sheet.work();
  for (let steps = 0; steps < MANY; steps++) work.next();
  sheet.edit([{ row: 0, column: category, value: 'BYE' }]);
  finish(work);
  expect([sheet.isBusy, sheet.ready.size]).toEqual([false, MANY - 1]);
});

test('the values of an earlier correction are judged, and no step takes them back', async () => {
  const { sheet } = await openMany();
  sheet.restore(1, [id(1), 'SELL', 'Tea', '1', '1.00', '1.20']);
  sheet.restore(2, [id(2), 'LEND', 'Tea', '1', '1.00', '1.20']);
  expect([findReady(sheet), sheet.edited, sheet.steps]).toEqual([[1], 1, 0]);
});

test('the format of the file of corrections decides: another one judges all corrections again', async () => {
  // The comma may mark thousands or decimals until another correction shows it.
  const { sheet } = await openSheet(
    broken(`${id(1)},SELL,Tea,x,"1,000","1,200"`, `${id(2)},LEND,Tea,1,"1,50","1,80"`),
  );
  sheet.edit([{ row: 0, column: column(sheet, 'quantity'), value: '1' }]);
  const alone = sheet.findProblems(0);
  expect(sheet.isBusy).toBe(false);
  sheet.edit([{ row: 1, column: column(sheet, 'category'), value: 'SELL' }]);
  expect([...sheet.work()]).toHaveLength(2);
  const ready = findReady(sheet);
  const together = await parse(await writeCsv(sheet, [0, 1]), KEY, DEFAULT_RULES);
  expect(alone).not.toEqual(sheet.findProblems(0));
  expect(together.rejects.map(({ line }) => line)).toEqual(
    [0, 1].filter((row) => !ready.includes(row)).map((row) => row + 2),
  );
});

test('values that a spreadsheet may run come back as they were written', async () => {
  const { sheet } = await openSheet(broken(`${id(1)},LEND,=1+1,1,1.00,1.20`));
  sheet.edit([{ row: 0, column: column(sheet, 'category'), value: 'SELL' }]);
  const { batches } = await parse(await writeCsv(sheet, [0]), KEY, DEFAULT_RULES);
  expect(batches[0]!.rows.names).toBe('{=1+1}');
});

test('extra values are a column that can be emptied, and broken lines have the text of their file', async () => {
  const { sheet } = await openSheet(
    broken(`${id(1)},SELL,Tea, green,1,1.00,1.20`, `${id(2)},SELL,"Tea"x,1,1.00,1.20`),
  );
  expect(sheet.columns.at(-1)).toBe('');
  expect(sheet.read(0, 6)).toBe('1.20');
  sheet.edit([
    { row: 0, column: 2, value: 'Tea, green' },
    { row: 0, column: 3, value: '1' },
    { row: 0, column: 4, value: '1.00' },
    { row: 0, column: 5, value: '1.20' },
    { row: 0, column: 6, value: '' },
  ]);
  expect(findReady(sheet)).toEqual([0]);
  const { rejects, batches } = await parse(await writeCsv(sheet, [0]), KEY, DEFAULT_RULES);
  expect({ rejects, names: batches[0]!.rows.names }).toEqual({ rejects: [], names: '{"Tea, green"}' });
});

test('a row of which the ledger has only the beginning cannot be changed', async () => {
  const { sheet } = await openSheet(broken(`${id(1)},LEND,Tea,1,1.00,1.20`));
  const [row] = sheet.rows;
  sheet.add([{ ...row!.entry, isCut: true }]);
  sheet.edit([{ row: 1, column: 1, value: 'SELL' }]);
  expect(sheet.edited).toBe(0);
});

test.each(
  makeCorpus().filter(({ expected }) => expected.rejected.length > 0 && expected.status === 'complete'),
)(
  'whatever is written into the rejected rows of $path, the parser says the same of them',
  async ({ bytes, expected }) => {
    if (expected.format.compression !== undefined || expected.format.syntax !== undefined) return;
    const rules = { ...DEFAULT_RULES, ...expected.rules };
    const { sheet } = await openSheet(bytes, `incoming/store=main/${expected.key}`, rules);
    const good = [id(7), '2025-03-14', 'SELL', 'Tea', '2', '10.00', '12.00'];
    for (const [row] of sheet.rows.entries()) {
      const changes = sheet.columns.map((_, index) => ({
        row,
        column: index,
        value: good[index % good.length]!,
      }));
      sheet.edit(row % 2 === 0 ? changes : changes.slice(0, 1));
    }
    const edited = sheet.rows.flatMap((_, row) => (sheet.isEdited(row) ? [row] : []));
    const ready = findReady(sheet);
    const key = `incoming/store=main/${sheet.fileName}`;
    const { rejects } = await parse(await writeCsv(sheet, edited), key, rules);
    expect(rejects.map(({ corrects }) => corrects!.line)).toEqual(
      edited.filter((row) => !ready.includes(row)).map((row) => sheet.rows[row]!.entry.firstLine),
    );
  },
);

test.each([
  [KEY, undefined, 'retail_15_03_2025_corrected.csv'],
  [
    'incoming/store=main/unpacked/retail_15_03_2025.zip-00000000/sales.csv',
    undefined,
    'retail_15_03_2025_sales_corrected.csv',
  ],
  [
    'incoming/store=main/20250315.csv',
    '^(?<year>\\d{4})(?<month>\\d\\d)(?<day>\\d\\d)\\.csv$',
    '20250315.rejected-00000000.csv',
  ],
  ['incoming/store=main/sales.csv', undefined, 'sales_corrected.csv'],
])('the corrections of %s keep its date', (key, fileDay, name) => {
  expect(nameCorrections(key, fileDay)).toBe(name);
});

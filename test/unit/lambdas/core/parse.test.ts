import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBatches } from '../../../../lambdas/core/parse.ts';
import { DEFAULT_RULES } from '../../../../lambdas/core/rules.ts';
import { type Parsed, parseAll } from '../../../support/parse-all.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const SETTINGS = { rules: DEFAULT_RULES, maxMessageBytes: 3_000 };
const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const GOOD = '00000000-0000-4000-8000-000000000001,SELL,Tee 🍵,1,1.00,1.20';

const parse = (chunks: Uint8Array[], key = 'incoming/store=main/retail_31_01_2024.csv') =>
  parseAll(uploadOf(key), chunks, SETTINGS);

const bytes = (text: string) => [new TextEncoder().encode(text)];
const accepted = ({ batches }: Parsed) => batches.reduce((sum, { rowCount }) => sum + rowCount, 0);
const anyLines = fc.array(
  fc.constantFrom(GOOD, `"${GOOD}`, 'x', '', '"', ',,,,,', `${GOOD},`, 'é,"a\nb",🍵', '\r'),
  {
    maxLength: 60,
    size: 'max',
  },
);

describe('for every text below a valid header', () => {
  test('the rows read are the rows accepted and the rows rejected', async () => {
    await fc.assert(
      fc.asyncProperty(anyLines, async (lines) => {
        const parsed = await parse(bytes([HEADER, ...lines].join('\n')));
        const rejected = parsed.batches.flatMap(({ rejects }) => rejects);
        expect(parsed.totals.rowsRead).toBe(accepted(parsed) + rejected.length);
        expect(parsed.totals.rowsRejected).toBe(rejected.length);
        expect(parsed.rejects).toEqual(rejected);
        expect(parsed.batches.at(-1)!.closing).toMatchObject({
          batches: parsed.batches.length,
          rowsRead: parsed.totals.rowsRead,
        });
        expect(parsed.batches.slice(0, -1).every(({ closing }) => closing === undefined)).toBe(true);
      }),
    );
  });

  test('chunk boundaries, also inside a character, change no batch', async () => {
    const encodings = fc.constantFrom<BufferEncoding>('utf8', 'utf16le', 'latin1');
    const marks = fc.constantFrom('', '\ufeff');
    await fc.assert(
      fc.asyncProperty(
        anyLines,
        encodings,
        marks,
        fc.integer({ min: 1, max: 50 }),
        async (lines, as, mark, size) => {
          const whole = Buffer.from(mark + [HEADER, ...lines].join('\r\n'), as);
          const pieces: Uint8Array[] = [];
          for (let start = 0; start < whole.length; start += size) {
            pieces.push(whole.subarray(start, start + size));
          }
          expect((await parse(pieces)).batches).toEqual((await parse([whole])).batches);
        },
      ),
    );
  });
});

test('a rejected row has its line, the title of its column, its code, every problem and its original text', async () => {
  const bad = `"not an id",SOLD,"Tea, green",1,1.00,1.20`;
  const { rejects } = await parse(
    bytes(`ID,Category,Name,quantity,amount_excl_tax,amount_inc_tax\n\n"${'a\nb'}",x\n${bad}\r\n`),
  );
  expect(rejects[1]).toEqual({
    line: 5,
    column: 'ID',
    code: 'id-not-uuid',
    message: expect.stringMatching(
      /^The id "not an id" is not a UUID .* Category: The category "SOLD" is not SELL or BUY\. A return has /,
    ),
    text: bad,
  });
});

test('the text of a rejected row keeps every carriage return except that of its line terminator', async () => {
  const [bad, malformed] = [GOOD.replace('SELL', '"SO\rLD"'), `"${GOOD.replace('Tee', 'T\ree')}`];
  const { rejects } = await parse(bytes(`${HEADER}\r\n${bad}\r\n${malformed}\r\n`));
  expect(rejects.map(({ line, text }) => [line, text])).toEqual([
    [2, bad],
    [3, malformed],
  ]);
});

test('every batch names the compression of the object', async () => {
  const chunks = async function* chunks() {
    yield* bytes(`${HEADER}\n${`${GOOD}\n`.repeat(50)}`);
  };
  const upload = uploadOf('incoming/store=main/retail_31_01_2024.csv.gz');
  const batches = await Array.fromAsync(
    parseBatches(upload, { chunks: chunks(), compression: 'gzip' }, SETTINGS),
  );
  expect(batches.length).toBeGreaterThan(1);
  for (const { batch } of batches) expect(batch.format).toMatchObject({ compression: 'gzip' });
  expect(batches.at(-1)!.batch.closing!.format).toMatchObject({ compression: 'gzip' });
  expect((await parse(bytes(HEADER))).batches[0]!.format).not.toHaveProperty('compression');
});

test('the date comes from the file name, or from the column of each row if there is one', async () => {
  expect((await parse(bytes(`${HEADER}\n${GOOD}`))).batches[0]).toMatchObject({
    date: '2024-01-31',
    rowCount: 1,
  });
  const own = await parse(bytes(`transaction_date,${HEADER}\n2023-05-06,${GOOD}`));
  expect(own.batches[0]).toMatchObject({ rows: { dates: '{2023-05-06}' }, rowCount: 1 });
  expect(own.batches[0]).not.toHaveProperty('date');
});

test('the format is detected, and skipped lines are counted', async () => {
  const lines = [
    'Sales of the day',
    'id;till;category;description;quantity;amount_excl_tax;amount_inc_tax',
    '00000000-0000-4000-8000-000000000001;4;SELL;Caf\xe9;1.000;1.234,50 \x80;1.481,40 \x80',
    ';;;;;;',
    'ID;Till;CATEGORY;description;quantity;amount_excl_tax;amount_inc_tax',
    'Gesamt;;;;;1.234,50;1.481,40',
    '',
  ];
  const { batches, totals, rejects } = await parse([Buffer.from(lines.join('\r\n'), 'latin1')]);
  expect([totals.rowsRead, rejects]).toEqual([1, []]);
  expect(batches[0]!.rows).toMatchObject({
    lines: '{3}',
    names: '{"Café"}',
    quantities: '{1000}',
    amountsExclTax: '{1234.50}',
    amountsIncTax: '{1481.40}',
  });
  const format = {
    encoding: 'Windows-1252',
    lineTerminator: 'CRLF',
    delimiter: ';',
    quote: '"',
    headerLine: 2,
    decimalSeparator: ',',
    currency: '€',
    unknownColumns: ['till'],
  };
  expect(batches[0]!.format).toEqual(format);
  expect(batches[0]!.closing?.format).toEqual({
    ...format,
    skippedLines: { headers: 1, totals: 1 },
    totals: 'agree',
  });
});

test('a file with unknown columns is refused if the settings say so', async () => {
  const settings = { ...SETTINGS, rules: { ...DEFAULT_RULES, unknownColumns: 'refuse' } } as const;
  const parseStrictly = (header: string) =>
    parseAll(uploadOf('incoming/store=main/retail_31_01_2024.csv'), bytes(`${header}\n`), settings);
  const { totals, batches } = await parseStrictly(`${HEADER},till,reject_line, `);
  expect(totals.failure).toMatchObject({
    code: 'column-unknown',
    message: 'The header has unknown columns: "till". Remove them, or set retail:unknownColumns to "ignore".',
  });
  expect(batches[0]!.closing?.format).toMatchObject({ unknownColumns: ['till'] });
  expect((await parseStrictly(`reject_line,${HEADER}`)).totals.failure).toBeUndefined();
});

describe('a file of corrections', () => {
  const FILE = '0284F92E-54f7-8766-880d-2cc5a8993a89';
  const readCorrections = async (header: string, ...lines: string[]) => {
    const { batches, rejects } = await parse(bytes([header, ...lines].join('\n')));
    return { corrections: batches[0]!.corrections, rejects };
  };

  test('ties each row to the rejected one, wherever the two columns are', async () => {
    const { corrections, rejects } = await readCorrections(
      `Reject_Line,${HEADER}, REJECT_FILE `,
      `7,${GOOD}, ${FILE} `,
      `8,${GOOD},`,
      `0,${GOOD},${FILE}`,
      `9,x,${GOOD.slice(37)},${FILE}`,
    );
    const file = FILE.toLowerCase();
    expect(corrections).toEqual({ files: `{${file},NULL,NULL}`, lines: '{7,NULL,NULL}' });
    expect(rejects).toMatchObject([{ line: 5, code: 'id-not-uuid', corrects: { file, line: 9 } }]);
  });

  test('ties a line with malformed quotes too, unless the two columns may be at fault', async () => {
    const file = FILE.toLowerCase();
    const { rejects } = await readCorrections(
      `reject_file,reject_line,reject_message,${HEADER}`,
      `${FILE},7,"The id, is empty",${GOOD.replace(',SELL', ',"SELL"x')}`,
      `"${FILE}","8",x,"${GOOD}`,
      `"${FILE}"x,9,x,${GOOD}`,
    );
    expect(rejects.map(({ code }) => code)).toEqual(Array(3).fill('quotes-malformed'));
    expect(rejects.map(({ corrects }) => corrects)).toEqual([
      { file, line: 7 },
      { file, line: 8 },
      undefined,
    ]);
  });

  test('is a file like any other if it has one of the columns only', async () => {
    const { corrections, rejects } = await readCorrections(`reject_line,${HEADER}`, `7,${GOOD}`, '8,');
    expect(corrections).toBeUndefined();
    expect(rejects[0]).not.toHaveProperty('corrects');
  });
});

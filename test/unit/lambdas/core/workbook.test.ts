import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SlowArchiveError } from '../../../../lambdas/core/archive/archive.ts';
import { type Checkpoint, parseBatches } from '../../../../lambdas/core/parse.ts';
import type { RowBatch } from '../../../../lambdas/core/row-batch.ts';
import { DEFAULT_RULES } from '../../../../lambdas/core/rules.ts';
import { formatNumber, formatPercent, formatSerialDate } from '../../../../lambdas/core/workbook/cells.ts';
import { openWorkbook } from '../../../../lambdas/core/workbook/open-workbook.ts';
import { readFormat } from '../../../../lambdas/core/workbook/styles.ts';
import { WorkbookError } from '../../../../lambdas/core/workbook/xml.ts';
import { openObject } from '../../../../lambdas/parse/bytes/open-object.ts';
import { ods, xlsx } from '../../../corpus/make/workbooks.ts';
import { parseAll } from '../../../support/parse-all.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const HEADER = 'id|category|description|quantity|amount_excl_tax|amount_inc_tax';
const SETTINGS = { rules: DEFAULT_RULES, maxMessageBytes: 3_000 };
const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const sheetOf = (rows: number) => {
  const lines = Array.from({ length: rows }, (_, index) => `${idOf(index)}|SELL|Tea ${index}|#2|#10|#12`);
  return { name: 'Sales', text: [HEADER, ...lines, 'Total|||#2|#10|#12'].join('\n') };
};

function open(bytes: Buffer, maxUnpackedMiB = 1, checkpoint?: Checkpoint, isTimeUp = () => false) {
  const read = async (start = 0, end = bytes.length - 1) => {
    return { body: Readable.from([bytes.subarray(start, end + 1)]), length: bytes.length };
  };
  const limits = { maxUnpackedMiB, rules: DEFAULT_RULES };
  return openObject({ key: uploadOf().key, read }, limits, checkpoint, isTimeUp);
}

async function openRows(...args: Parameters<typeof open>) {
  const opened = await open(...args);
  if (!('chunks' in opened)) throw new Error(JSON.stringify(opened));
  return opened;
}

test.each([
  ['XLSX', xlsx([sheetOf(200)])],
  ['ODS', ods([sheetOf(200)])],
])(
  '%s: a parse that stops after each batch gives the batches of an uninterrupted one',
  async (_name, bytes) => {
    const whole = await parseAll(uploadOf(), await openRows(bytes), SETTINGS);
    const batches: RowBatch[] = [];
    let checkpoint: Checkpoint | undefined;
    do {
      const opened = await openRows(bytes, 1, checkpoint);
      for await (const parsed of parseBatches(uploadOf(), { ...opened, checkpoint }, SETTINGS)) {
        batches.push(parsed.batch);
        checkpoint = parsed.next && (JSON.parse(JSON.stringify(parsed.next)) as Checkpoint);
        break;
      }
    } while (checkpoint !== undefined);
    expect(whole.batches.length).toBeGreaterThan(5);
    expect(batches).toEqual(whole.batches);
    expect(whole.totals).toMatchObject({ rowsRead: 200, rowsRejected: 0 });
  },
);

describe('a workbook is refused that', () => {
  const bomb = (content: string) =>
    open(xlsx([{ name: 'Sales', text: `${HEADER}\n${content}` }]), 1).then((opened) =>
      'failure' in opened ? opened.failure : undefined,
    );

  test('unpacks to more than the limit', async () => {
    expect(await bomb('x|'.repeat(600_000))).toMatchObject({ code: 'file-too-large' });
  });

  test('has a text without an end', async () => {
    expect(await bomb('x'.repeat(1_047_000))).toBeUndefined();
    const opened = await open(xlsx([{ name: 'Sales', text: 'x'.repeat(1_100_000) }]), 10);
    expect(opened).toMatchObject({ failure: { code: 'workbook-unusable' } });
  });
});

test('a workbook that is not unpacked in time is not refused', async () => {
  let asked = 0;
  const opened = open(xlsx([sheetOf(10)]), 1, undefined, () => ++asked > 3);
  await expect(opened).rejects.toThrow(SlowArchiveError);
});

test('whatever the XML of a workbook is, it is read or refused', async () => {
  const parts = new Map([
    [
      '_rels/.rels',
      '<Relationships><Relationship Id="1" Type="/officeDocument" Target="w.xml"/></Relationships>',
    ],
    [
      '_rels/w.xml.rels',
      '<Relationships><Relationship Id="1" Type="/worksheet" Target="s.xml"/><Relationship Id="2" Type="/styles" Target="t.xml"/></Relationships>',
    ],
    ['w.xml', '<workbook><workbookPr date1904="1"/><sheet name="A" r:id="1"/></workbook>'],
    ['t.xml', '<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>'],
    [
      's.xml',
      '<worksheet><row r="1"><c r="A1" s="0"><v>45000.5</v></c><c t="s"><v>0</v></c></row></worksheet>',
    ],
    [
      'content.xml',
      '<spreadsheet><table><table-row table:number-rows-repeated="9"><table-cell/></table-row></table></spreadsheet>',
    ],
  ]);
  const tokens = [
    '"',
    '<',
    '>',
    '/',
    '&',
    '0',
    '-1',
    '1e99',
    'NaN',
    'A',
    'ZZZZ9',
    '',
    '\n',
    '%zz',
    's="7"',
    '%',
  ];
  const edit = fc.tuple(fc.constantFrom(...parts.keys()), fc.nat(250), fc.nat(6), fc.constantFrom(...tokens));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('XLSX', 'ODS'),
      fc.array(edit, { maxLength: 3 }),
      async (syntax, edits) => {
        const texts = new Map(parts);
        for (const [path, at, length, token] of edits) {
          const text = texts.get(path)!;
          texts.set(path, text.slice(0, at) + token + text.slice(at + length));
        }
        const files = new Map(
          [...texts].map(([path, text]) => [
            path,
            async function* () {
              yield Buffer.from(text);
            },
          ]),
        );
        try {
          const { unpack } = await openWorkbook(syntax, files, DEFAULT_RULES);
          for await (const _ of unpack());
        } catch (error) {
          expect(error).toBeInstanceOf(WorkbookError);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test.each([
  ['0.30000000000000004', '0.3'],
  ['1.1000000000000001E-1', '0.11'],
  ['1.5E3', '1500'],
  ['123456789012345678', '123456789012346000'],
  ['1.234', '1.2340'],
  ['-1.234', '-1.2340'],
  ['12', '12'],
])('the number %s is written as %s', (text, written) => {
  expect(formatNumber(text)).toBe(written);
});

test.each([
  ['1', false, '1900-01-01'],
  ['59', false, '1900-02-28'],
  ['60', false, '60'],
  ['61', false, '1900-03-01'],
  ['45731', false, '2025-03-15'],
  ['45731.999999', false, '2025-03-16'],
  ['45731.5', false, '2025-03-15 12:00:00'],
  ['0.25', false, '06:00:00'],
  ['0', true, '1904-01-01'],
  ['-1', false, '-1'],
  ['2958466', false, '2958466'],
  ['x', false, 'x'],
])('the serial date %s is %s', (text, is1904, written) => {
  expect(formatSerialDate(text, is1904)).toBe(written);
});

test.each([
  ['0.055', '5.5%'],
  ['0.07', '7%'],
  ['0.20000000000000001', '20%'],
  ['x', 'x'],
])('the percentage %s is written as %s', (text, written) => {
  expect(formatPercent(text)).toBe(written);
});

test.each([
  ['dd/mm/yyyy', 'date'],
  ['[$-409]d-mmm-yy;@', 'date'],
  ['[h]:mm', 'date'],
  ['0.0%', 'percent'],
  ['0\\ %;[Red]-0\\ %', 'percent'],
  ['0\\%', undefined],
  ['0" %"', undefined],
  ['General', undefined],
  ['#,##0.00 "days"', undefined],
  ['[Red]0.00', undefined],
  ['0.00\\d', undefined],
  ['[$USD] #,##0', undefined],
])('the number format %s shows: %s', (code, shown) => {
  expect(readFormat(code)).toBe(shown);
});

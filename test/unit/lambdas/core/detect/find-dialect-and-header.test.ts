import { describe, expect, test } from 'vitest';
import { detectFormat, HEAD_CHARACTERS } from '../../../../../lambdas/core/detect/detect-format.ts';
import { DEFAULT_RULES } from '../../../../../lambdas/core/rules.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const ROW = '00000000-0000-4000-8000-000000000001,SELL,Tea,1,1.00,1.20';
const ID = ROW.slice(0, 36);
const detect = (...lines: string[]) => detectFormat(lines.join('\n'), 'UTF-8', DEFAULT_RULES);

describe('lines above the header', () => {
  test('are skipped', () => {
    const format = detect('Export of "shop', '', 'sep=,', HEADER, ROW);
    expect(format).toMatchObject({ summary: { headerLine: 4 }, firstRow: { line: 5 } });
  });

  test('are at most 99', () => {
    const filler = Array.from({ length: 99 }, () => 'x');
    expect(detect(...filler, HEADER)).toMatchObject({ summary: { headerLine: 100 } });
    expect(detect(...filler, 'x', HEADER)).toMatchObject({ code: 'column-missing' });
  });

  test.each([
    ['a row', ROW, 'column-missing', /^Line 1 looks like a row but is above the header\. Move the header/],
    ['a row with blanks around its id', ` ${ID} ${ROW.slice(36)}`, 'column-missing', /looks like a row/],
    [
      'another header, with a duplicated column',
      `${HEADER},name`,
      'column-duplicated',
      /"name" \(column 7\)/,
    ],
    ['another header, without a column', HEADER.replace('id,', ''), 'column-missing', /no column id/],
    ['four titles', 'id,category,quantity,amount_inc_tax', 'column-missing', /no column description or name/],
  ])('are refused if one is %s', (_what, line, code, message) => {
    expect(detect(line, HEADER, ROW)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each([
    ['three titles', 'id,category,quantity'],
    ['five values, one of them an id', ROW.slice(0, -5)],
    ['six values without an id', 'a,b,c,d,e,f'],
  ])('are skipped if one has only %s', (_what, line) => {
    expect(detect(line, HEADER, ROW)).toMatchObject({ summary: { headerLine: 2 } });
  });

  test('include the header itself neither in another dialect nor as an objection', () => {
    // Read with double quotes, this line has five titles and lacks one.
    const partly = "id,category,quantity,amount_excl_tax,'name','amount_inc_tax'";
    expect(detect(partly, ROW)).toMatchObject({ dialect: { quote: "'" }, summary: { headerLine: 1 } });
  });

  test('do not hide that the header is cut off at the end of the head', () => {
    const head = `${'x\n'.repeat(50)}${HEADER},`.padEnd(HEAD_CHARACTERS, 'y');
    expect(detectFormat(head, 'UTF-8', DEFAULT_RULES)).toHaveProperty('code');
    expect(detectFormat(`${head.slice(0, 5_000)}`, 'UTF-8', DEFAULT_RULES)).toMatchObject({
      summary: { headerLine: 51 },
    });
    const complete = `${'x'.repeat(HEAD_CHARACTERS - HEADER.length - 2)}\n${HEADER}`;
    expect(detectFormat(complete, 'UTF-8', DEFAULT_RULES)).toMatchObject({ headerText: HEADER });
    expect(detectFormat(`x${complete}`, 'UTF-8', DEFAULT_RULES)).toHaveProperty('code');
  });
});

describe('a file without a header is refused with the reason', () => {
  test.each([
    ['an empty text', '', 'file-empty', /does not even have a header/],
    ['blank lines', ' \r\n\n', 'file-empty', /does not even have a header/],
    ['the best line', `x\nid,category\nid`, 'column-missing', /It has: id, category\. Rename/],
    ['the best line, with one title', 'x\nid\n', 'column-missing', /It has: id\. Rename/],
    [
      'the best line, after a long one',
      `${'x'.repeat(9_000)}\nid,category\n`,
      'column-missing',
      /It has: id, category\. Rename/,
    ],
    ['the best line, which is too long', `id,category,${'x'.repeat(9_000)}`, 'not-csv', /longer than 8,192/],
    ['the best line of 8,192 characters', `id,x${'x'.repeat(8_188)}`, 'column-missing', /It has: id, xx/],
    ['the first line', `\n\nsome,text\n`, 'column-missing', /It has: some, text\. Rename/],
    [
      'the first line, which ends with CR',
      `some,text\rmore`,
      'column-missing',
      /It has: some, text\. Rename/,
    ],
    [
      'the first line, far above a NUL',
      `some,text\n${'x\n'.repeat(40_000)}\0`,
      'column-missing',
      /It has: some, text\. Rename/,
    ],
    [
      'a JSON list',
      `[{"id": 1, "category": "${'x'.repeat(90)}"}]`,
      'not-csv',
      /^The file is not a CSV file: it looks like JSON\. It begins with: \[\{"id": 1.{71}… Export/,
    ],
    [
      'JSON in lines',
      '\n{\n  "rows": [] }',
      'not-csv',
      /looks like JSON\. It begins with: \{␊ {2}"rows": \[\] \} Export/,
    ],
    ['JSON numbers', '[1, 2]', 'not-csv', /looks like JSON.* or as one JSON object per line\.$/],
    ['a page', '<!DOCTYPE html>\n<p>', 'not-csv', /looks like HTML/],
    ['XML', '<?xml version="1.0"?>', 'not-csv', /looks like XML/],
    ['a document', '%PDF-1.7\n', 'not-csv', /looks like PDF/],
    ['a line in brackets', '[Export]\na,b', 'column-missing', /It has: \[Export\]\. Rename/],
    ['a title below a bracket', '{"a"\nid,category', 'column-missing', /It has: id, category\. Rename/],
    ['control characters', 'a\x01\x02b', 'not-csv', /^The file is not a CSV file: it contains bytes/],
    ['NUL', 'GIF8\0\0', 'not-csv', /^The file is not a CSV file: it contains bytes/],
    ['NUL in the header', `${HEADER},\0\n`, 'not-csv', /^The file is not a CSV file: its header contains/],
    ['invalid bytes in the header', `${HEADER},\ufffd\n`, 'not-csv', /its header contains bytes/],
    [
      'an unclosed quote',
      `"${HEADER}\n${ROW}`,
      'not-csv',
      /^The first line is not a header\. A quoted value/,
    ],
    ['a long line', 'x,'.repeat(5_000), 'not-csv', /^The header is longer than 8,192 characters\./],
    [
      'two line terminators, one of them after a quoted title',
      `"id",x\r${HEADER.slice(2)}\n${ROW}`,
      'not-csv',
      /one line terminator throughout/,
    ],
    [
      'a header in which a title without quotes has the other line terminator',
      `note\nof the till,${HEADER}\r${ROW}\r`,
      'column-missing',
      /It has: note\. Rename/,
    ],
    ['two line terminators', `id\r${HEADER.slice(2)}\n${ROW}`, 'not-csv', /one line terminator throughout/],
  ])('%s', (_what, text, code, message) => {
    expect(detectFormat(text, 'UTF-8', DEFAULT_RULES)).toEqual({
      code,
      message: expect.stringMatching(message),
    });
  });

  test('a header of more than 8,192 characters', () => {
    const longest = `${HEADER},`.padEnd(8_192, 'x');
    expect(detect(longest, ROW)).toMatchObject({ headerText: longest });
    expect(detect(`${longest}x`, ROW)).toMatchObject({ code: 'not-csv' });
  });
});

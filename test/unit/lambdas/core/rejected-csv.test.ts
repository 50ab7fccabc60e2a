import { expect, test } from 'vitest';
import { writeRejectedHeader, writeRejectedRow } from '../../../../lambdas/core/rejected-csv.ts';

const ROW = {
  line: 3,
  column: 'id',
  code: 'id-missing',
  message: 'Say "id", please.',
  text: ",'a;b",
} as const;

test('the header has the reason in front of the original titles, with the delimiter of the file', () => {
  expect(writeRejectedHeader('id;name', { delimiter: ';' })).toBe(
    'reject_line;reject_column;reject_code;reject_message;id;name\n',
  );
  expect(writeRejectedHeader('id', {})).toBe('reject_line,reject_column,reject_code,reject_message,id\n');
});

test('a row has the reason, quoted like the file, in front of its original text', () => {
  expect(writeRejectedRow(ROW, {})).toBe(`3,id,id-missing,"Say ""id"", please.",,'a;b\n`);
  expect(writeRejectedRow({ ...ROW, message: 'a;b' }, { delimiter: ';', quote: "'" })).toBe(
    `3;id;id-missing;'a;b';,'a;b\n`,
  );
});

test.each(['quotes-malformed', 'row-too-long'] as const)(
  'a row with %s is one quoted value, so that it cannot include the next row',
  (code) => {
    expect(writeRejectedRow({ ...ROW, code, message: 'm', text: '"a,b' }, {})).toBe(
      `3,id,${code},m,"""a,b"\n`,
    );
  },
);

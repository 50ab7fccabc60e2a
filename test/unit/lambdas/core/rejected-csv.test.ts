import { describe, expect, it, test } from 'vitest';
import { RejectedCsv, type RejectedFormat } from '../../../../lambdas/core/rejected-csv.ts';

const FILE = '00000000-0000-8000-8000-000000000001';
const ROW = {
  line: 3,
  column: 'id',
  code: 'id-missing',
  message: 'Say "id", please.',
  text: ",'a;b",
} as const;

test('the header has the reason in front of the original titles, with the delimiter of the file', () => {
  expect(new RejectedCsv('id;name', FILE, { delimiter: ';' }).formatHeader()).toBe(
    'reject_file;reject_line;reject_column;reject_code;reject_message;id;name\n',
  );
  expect(new RejectedCsv('id', FILE, {}).formatHeader()).toBe(
    'reject_file,reject_line,reject_column,reject_code,reject_message,id\n',
  );
});

test('a row has the reason, quoted like the file, in front of its original text', () => {
  expect(new RejectedCsv('id', FILE, {}).formatRow(ROW)).toBe(
    `${FILE},3,id,id-missing,"Say ""id"", please.",,'a;b\n`,
  );
  const semicolons = new RejectedCsv('id', FILE, { delimiter: ';', quote: "'" });
  expect(semicolons.formatRow({ ...ROW, message: 'a;b', text: ',a;b' })).toBe(
    `${FILE};3;id;id-missing;'a;b';,a;b\n`,
  );
});

test.each(['quotes-malformed', 'row-too-long'] as const)(
  'a row with %s is one quoted value, so that it cannot include the next row',
  (code) => {
    expect(new RejectedCsv('id', FILE, {}).formatRow({ ...ROW, code, message: 'm', text: '"a,b' })).toBe(
      `${FILE},3,id,${code},m,"""a,b"\n`,
    );
    expect(new RejectedCsv('id', FILE, {}).formatRow({ ...ROW, code, message: 'm', text: 'a,b' })).toBe(
      `${FILE},3,id,${code},m,"a,b"\n`,
    );
  },
);

describe('a value that a spreadsheet may run as a formula', () => {
  const rowOf = (text: string, format: RejectedFormat = {}) => {
    const { delimiter = ',' } = format;
    const row = new RejectedCsv('id', FILE, format).formatRow({ ...ROW, column: '', message: '', text });
    return row.slice([FILE, '3', '', 'id-missing', '', ''].join(delimiter).length, -1);
  };

  it.each([
    [`=cmd|'/c calc'!A1,a b,"c"`, `'=cmd|'/c calc'!A1,a b,c`],
    [`"=HYPERLINK(""x"",""y"")",1`, `"'=HYPERLINK(""x"",""y"")",1`],
    ['a,@SUM(A1)', `a,'@SUM(A1)`],
    ['a,+A1', `a,'+A1`],
    ['a,-2+3', `a,'-2+3`],
    ['a, =1', `a,' =1`],
    ['a,\t=1', `a,'\t'=1`],
    ['"\r=1",a', `"'\r'=1",a`],
    ['"a;=1"', `a;'=1`],
    ['"a;-1,+2"', '"a;-1,+2"'],
    ['＝1', `'＝1`],
    [`a,'=1`, `a,''=1`],
  ])('has an apostrophe before it: %j', (text, written) => expect(rowOf(text)).toBe(written));

  it.each(['-1.00,+1,"-1,5",+1 000', '1-2,a=b,a@b.c', `'a,'',O'Neill`, '"a ""b""", c ,'])(
    'is not %j, which stays as it is',
    (text) => expect(rowOf(text)).toBe(text),
  );

  it('is neutralized with the delimiter and quotes of the file', () => {
    expect(rowOf(`'=a;b';c`, { delimiter: ';', quote: "'" })).toBe(`'''=a;b';c`);
    expect(rowOf('"a\nb"\t=c', { delimiter: '\t' })).toBe(`"a\nb"\t'=c`);
    expect(rowOf('a\nb,=c', { lineTerminator: 'CR' })).toBe(`"a\nb",'=c`);
  });

  it.each([
    ['a\n=b', `"a\n'=b"`],
    ['a,"=b', `"a,'""=b"`],
    ['=a,"b', `"'=a,""b"`],
    ['', ''],
  ])('cannot begin inside a text that is not one record: %j', (text, written) =>
    expect(rowOf(text)).toBe(written),
  );

  it('is neutralized in malformed text, titles and messages', () => {
    const csv = new RejectedCsv('id,=title', FILE, {});
    expect(csv.formatHeader()).toMatch(/,id,'=title\n$/);
    expect(csv.formatRow({ ...ROW, code: 'quotes-malformed', text: '=a"b' })).toMatch(/,"'=a""b"\n$/);
    expect(csv.formatRow({ ...ROW, column: '=a', message: '+b' })).toMatch(/,3,'=a,id-missing,'\+b,/);
  });

  it('has one apostrophe only when the row is rejected again', () => {
    const csv = new RejectedCsv('id, Reject_Line ,name', FILE, {});
    expect(csv.formatRow({ ...ROW, text: `2,x,'=a` })).toMatch(/,2,'=a\n$/);
    expect(csv.formatRow({ ...ROW, text: '2,x,=a' })).toMatch(/,2,'=a\n$/);
  });
});

test('a row that is rejected again has the file and line of the first time, and one reason', () => {
  const first = { file: '00000000-0000-8000-8000-000000000007', line: 70 };
  const csv = new RejectedCsv(
    'reject_file,reject_line,reject_column,reject_code,reject_message,id',
    FILE,
    {},
  );
  expect(csv.formatHeader()).toBe('reject_file,reject_line,reject_column,reject_code,reject_message,id\n');
  const text = `${first.file},70,id,id-missing,Old.,x`;
  expect(csv.formatRow({ ...ROW, message: 'New.', text, corrects: first })).toBe(
    `${first.file},70,id,id-missing,New.,x\n`,
  );
  expect(csv.formatRow({ ...ROW, message: 'New.', text: `,,,,,x` })).toBe(`${FILE},3,id,id-missing,New.,x\n`);
});

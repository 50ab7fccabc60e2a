import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Dialect, MAX_RECORD_CHARACTERS } from '../../../../../lambdas/core/source/csv/dialect.ts';
import { RecordReader, startReaderAt } from '../../../../../lambdas/core/source/csv/record-reader.ts';

const PLAIN_DIALECT: Dialect = { delimiter: ',', quote: '"', newline: '\n' };

interface Call {
  readonly line: number;
  readonly fields?: readonly string[];
  readonly text: string;
  readonly code?: string;
}

function read(...pieces: string[]): Call[] {
  return readAs({}, pieces);
}

function readAs(dialect: Partial<Dialect>, pieces: readonly string[]): Call[] {
  const reader = new RecordReader({ ...PLAIN_DIALECT, ...dialect }, startReaderAt(1));
  const records = [...pieces.flatMap((piece) => reader.read(piece)), ...reader.end()];
  return records.map(({ line, fields, text, code }) => ({
    line,
    text: text ?? fields!.join(','),
    ...(fields && { fields }),
    ...(code && { code }),
  }));
}

/** Texts in which quotes, commas and line ends are as common as letters. */
const csvText = fc.array(fc.constantFrom('a', 'b', '"', ',', '\n', '\r\n', ' ', 'é', '🍵', '""', '",'), {
  maxLength: 60,
});
const cuts = fc.array(fc.nat({ max: 80 }), { maxLength: 6 });

function cut(text: string, places: readonly number[]): string[] {
  const sorted = [
    0,
    ...places.map((place) => Math.min(place, text.length)).sort((a, b) => a - b),
    text.length,
  ];
  return sorted.slice(1).map((end, index) => text.slice(sorted[index], end));
}

describe('for every text', () => {
  test('the pieces in which it comes change nothing', () => {
    fc.assert(
      fc.property(csvText, cuts, (parts, places) => {
        const text = parts.join('');
        expect(read(...cut(text, places))).toEqual(read(text));
      }),
      { numRuns: 500 },
    );
  });

  test('pieces change nothing in a text longer than the head on which line ends are decided', () => {
    const filler = 'x,y,z\n'.repeat(Math.ceil(MAX_RECORD_CHARACTERS / 6));
    fc.assert(
      fc.property(csvText, cuts, (parts, places) => {
        const tail = parts.join('');
        expect(read(filler, ...cut(tail, places))).toEqual(read(filler + tail));
      }),
      { numRuns: 10 },
    );
  });

  test('every character reaches exactly one call, on its own line', () => {
    fc.assert(
      fc.property(csvText, (parts) => {
        const text = parts.join('');
        const calls = read(text);
        const rebuilt = calls.map((call) => call.text).join('\n');
        expect([rebuilt, `${rebuilt}\n`]).toContain(text);
        let line = 1;
        for (const call of calls) {
          expect(call.line).toBe(line);
          line += call.text.split('\n').length;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('records', () => {
  test('a quoted field may hold commas, doubled quotes and line feeds', () => {
    expect(read('a,"b, ""c""\nd",e\nf\n')).toMatchObject([
      { line: 1, fields: ['a', 'b, "c"\nd', 'e'] },
      { line: 3, fields: ['f'] },
    ]);
  });

  test('lines may end with a carriage return and a line feed, quoted or not', () => {
    const fields = read('a,b\r\n"c",d\r\n').map((call) => call.fields?.map((field) => field.trim()));
    expect(fields).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  test('lines may end with a carriage return alone', () => {
    expect(readAs({ newline: '\r' }, ['a,b\rc,"d"\r'])).toMatchObject([
      { line: 1, fields: ['a', 'b'] },
      { line: 2, fields: ['c', 'd'] },
    ]);
  });

  test('values may stand between other signs, in other quotes', () => {
    expect(readAs({ delimiter: ';', quote: "'" }, ["'a;''b''';c,d\n\"e;f\n"])).toMatchObject([
      { line: 1, fields: ["a;'b'", 'c,d'] },
      { line: 2, fields: ['"e', 'f'] },
    ]);
  });

  test('values without quotes may be between other delimiters, on lines that end otherwise', () => {
    expect(readAs({ delimiter: ';' }, ['a;b,c\nd;e\n'])).toMatchObject([
      { line: 1, fields: ['a', 'b,c'] },
      { line: 2, fields: ['d', 'e'] },
    ]);
    expect(readAs({ newline: '\r' }, ['a,b\rc\n,d\r'])).toMatchObject([
      { line: 1, fields: ['a', 'b'] },
      { line: 2, fields: ['c\n', 'd'] },
    ]);
  });

  test('only records that are read together with a quote keep their text', () => {
    const reader = new RecordReader(PLAIN_DIALECT, startReaderAt(1));
    expect(reader.read('a,b\n')).toEqual([{ line: 1, fields: ['a', 'b'], text: undefined, code: undefined }]);
    expect(reader.read('"c",d\n')).toMatchObject([{ line: 2, fields: ['c', 'd'], text: '"c",d' }]);
  });

  test('the last line needs no end', () => {
    expect(read('a\nb')).toMatchObject([{ fields: ['a'] }, { line: 2, fields: ['b'] }]);
  });
});

describe('what is wrong costs its own line only', () => {
  test('a quote that is never closed', () => {
    expect(read('a,1\n"b,2\nc,3\nd,4')).toMatchObject([
      { line: 1, fields: ['a', '1'] },
      { line: 2, text: '"b,2', code: 'quotes-malformed' },
      { line: 3, fields: ['c', '3'] },
      { line: 4, fields: ['d', '4'] },
    ]);
  });

  test('a quote that is closed by that of a later row, which is not lost with it', () => {
    const row = (note: string) => `00000000-0000-4000-8000-000000000001,Tea,${note}`;
    expect(read([row('"x'), row('"'), row('y'), ''].join('\n'))).toMatchObject([
      { line: 1, code: 'quotes-malformed' },
      { line: 2, code: 'quotes-malformed' },
      { line: 3, fields: ['00000000-0000-4000-8000-000000000001', 'Tea', 'y'] },
    ]);
  });

  test('every second line', () => {
    const calls = read(...cut('"a\nx\n'.repeat(2_000), [3_000, 6_000]));
    expect(calls.filter(({ code }) => code === 'quotes-malformed')).toHaveLength(2_000);
    expect(calls).toHaveLength(4_000);
  });

  test('something between a closing quote and the comma', () => {
    expect(read('"b" x,2\n"c",3\n')).toMatchObject([
      { line: 1, text: '"b" x,2', code: 'quotes-malformed' },
      { line: 2, fields: ['c', '3'] },
    ]);
  });

  test('a quote that is never closed, before more text than a record may have', () => {
    const rows = 'c,3\n'.repeat(MAX_RECORD_CHARACTERS / 2);
    const calls = read('"b,2\n', ...cut(rows, [10_000, 70_000, 100_000]));
    expect(calls[0]).toMatchObject({ line: 1, code: 'quotes-malformed' });
    expect(calls.slice(1).every(({ code }) => code === undefined)).toBe(true);
    expect(calls).toHaveLength(1 + MAX_RECORD_CHARACTERS / 2);
  });

  test.each(['', '"'])('a line longer than a record may be, in whatever pieces it comes (%j)', (quote) => {
    const piece = 'x'.repeat(9_999);
    const calls = read('a,1\n', quote, ...Array.from({ length: 100 }, () => piece), '\nb,2\n');
    expect(calls).toHaveLength(3);
    expect(calls[1]).toMatchObject({ line: 2, code: 'row-too-long' });
    expect(calls[1]!.text.length).toBe(MAX_RECORD_CHARACTERS);
    expect(calls[2]).toMatchObject({ line: 3, fields: ['b', '2'] });
  });
});

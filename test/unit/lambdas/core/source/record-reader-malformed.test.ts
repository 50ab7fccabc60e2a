import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it, vi } from 'vitest';
import { type Dialect, MAX_RECORD_CHARACTERS } from '../../../../../lambdas/core/source/csv/dialect.ts';
import {
  MAX_RECORD_LINE_ENDS,
  RecordReader,
  startReaderAt,
} from '../../../../../lambdas/core/source/csv/record-reader.ts';
import { cut } from '../../../../support/pieces.ts';

const DIALECT: Dialect = { delimiter: ',', quote: '"', newline: '\n' };

type Call = [line: number, what: string];

/** The calls in short: fields joined by `|`, or the code with the length of the text. */
function read(pieces: readonly string[]): Call[] {
  const reader = new RecordReader(DIALECT, startReaderAt(1));
  const records = [...pieces.flatMap((piece) => reader.read(piece)), ...reader.end()];
  return records.map(({ line, fields, text, code }) => [
    line,
    fields === undefined ? `${code} ${text.length}` : fields.join('|').slice(0, 40),
  ]);
}

describe('RecordReader on malformed text', () => {
  it('lets an unclosed quote cost its own line only where other records have quotes', () => {
    expect(read(['1,"a"\n2,"b\n3,"c"\n4,"d"'])).toEqual([
      [1, '1|a'],
      [2, 'quotes-malformed 4'],
      [3, '3|c'],
      [4, '4|d'],
    ]);
  });

  it('rejects a line with something between the closing quote and the delimiter', () => {
    expect(read(['1,"a"\n2,"b"x,c\n3,"c" ,d'])).toEqual([
      [1, '1|a'],
      [2, 'quotes-malformed 8'],
      [3, '3|c|d'],
    ]);
  });

  it('takes a quote in the middle of a field for a part of it', () => {
    expect(read(['1,5" screen\n2,b'])).toEqual([
      [1, '1|5" screen'],
      [2, '2|b'],
    ]);
  });

  it('reads on behind an unclosed quote that is never closed in a long file', () => {
    const lines = ['1,"never closed', ...Array.from({ length: 40_000 }, (_, index) => `${index + 2},abc`)];
    const calls = read(cut(lines.join('\n'), [10_000]));
    expect(calls[0]).toEqual([1, 'quotes-malformed 15']);
    expect(calls.slice(1)).toEqual(lines.slice(1).map((line, index) => [index + 2, line.replace(',', '|')]));
  });

  it.each([MAX_RECORD_CHARACTERS - 1, MAX_RECORD_CHARACTERS])('takes a record of %i characters', (length) => {
    expect(read([`${'x'.repeat(length)}\ny\n`])).toEqual([
      [1, 'x'.repeat(40)],
      [2, 'y'],
    ]);
    expect(read([`"${'x'.repeat(length - 2)}"\ny`])).toEqual([
      [1, 'x'.repeat(40)],
      [2, 'y'],
    ]);
  });

  it('rejects a line that is one character too long, quoted or not, last or not', () => {
    const reject = [1, `row-too-long ${MAX_RECORD_CHARACTERS}`];
    for (const line of [
      'x'.repeat(MAX_RECORD_CHARACTERS + 1),
      `"${'x'.repeat(MAX_RECORD_CHARACTERS - 1)}"`,
    ]) {
      expect(read([line])).toEqual([reject]);
      expect(read([`${line}\ny`])).toEqual([reject, [2, 'y']]);
    }
  });

  it('gives a quoted record that is too long back line by line', () => {
    const line = 'x'.repeat(MAX_RECORD_CHARACTERS / 2);
    expect(read([`1,"${line}\n${line}"\n2,b`]).slice(0, 2)).toEqual([
      [1, `quotes-malformed ${line.length + 3}`],
      // A quote that does not open a field is a part of it.
      [2, 'x'.repeat(40)],
    ]);
  });

  it('goes on behind a giant line that comes in small pieces', () => {
    const giant = 'x'.repeat(5_000_000);
    const calls = read(['1,a\n', ...cut(giant, [1_000]), '\n', '3,c\n', '4,"d"']);
    expect(calls).toEqual([
      [1, '1|a'],
      [2, `row-too-long ${MAX_RECORD_CHARACTERS}`],
      [3, '3|c'],
      [4, '4|d'],
    ]);
  });

  it.each(['x', '"'])(
    'rejects a giant line that begins with %s before it ends, and drops its rest',
    (first) => {
      const reader = new RecordReader(DIALECT, startReaderAt(1));
      const line = first.padEnd(MAX_RECORD_CHARACTERS, 'x');
      expect(reader.read(line)).toEqual([]);
      expect(reader.read('yz')).toEqual([{ line: 1, fields: undefined, text: line, code: 'row-too-long' }]);
      expect(reader.state).toEqual({ pending: '', line: 2, isSkippingLongLine: true, waryRecords: 100 });
      expect(reader.read('x')).toEqual([]);
      expect(reader.state).toMatchObject({ pending: '', isSkippingLongLine: true });
      expect(reader.read('\n2,b\n')).toMatchObject([{ line: 2, fields: ['2', 'b'] }]);
      expect(reader.state).toMatchObject({ pending: '', isSkippingLongLine: false });
    },
  );

  it('rejects an unclosed quote as soon as the record has too many lines', () => {
    const reader = new RecordReader(DIALECT, startReaderAt(1));
    expect(reader.read(`"a\n${'b\n'.repeat(MAX_RECORD_LINE_ENDS - 1)}`)).toEqual([]);
    const records = reader.read('b\n');
    expect(records.map(({ line }) => line)).toEqual(records.map((_, index) => index + 1));
    expect(records).toHaveLength(MAX_RECORD_LINE_ENDS + 1);
    expect(records[0]).toMatchObject({ text: '"a', code: 'quotes-malformed' });
  });

  it('keeps a rejected text well formed where the limit cuts a character in two', () => {
    const reader = new RecordReader(DIALECT, startReaderAt(1));
    const records = [...reader.read(`x${'🧀'.repeat(MAX_RECORD_CHARACTERS)}`), ...reader.end()];
    expect(records.map(({ text }) => text!.isWellFormed())).toEqual([true]);
  });

  it('gives the same calls however runs of one thing, of any length, are cut', () => {
    const things = fc.constantFrom('a', ',', '"', '\n', 'x,"y\n', '"b"\n', 'it,em\r\n');
    const counts = fc.constantFrom(1, 2, 5_000, MAX_RECORD_CHARACTERS - 1, MAX_RECORD_CHARACTERS, 70_000);
    const runs = fc.array(fc.tuple(things, counts), { minLength: 1, maxLength: 4 });
    const sizes = fc.array(fc.integer({ min: 20_000, max: 70_000 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(runs, sizes, (parts, cuts) => {
        const text = parts
          .map(([thing, count]) => thing.repeat(Math.ceil(count / thing.length ** 2)))
          .join('');
        const expected = read([text]);
        const actual = read(cut(text, cuts));
        const at = expected.findIndex((call, index) => String(call) !== String(actual[index]));
        expect([actual.length, at]).toEqual([expected.length, -1]);
      }),
      { numRuns: 12 },
    );
  });

  it('reads a last line with blanks after its quotes like any other line', () => {
    for (const end of ['', '\n', ' ', '\r', ' \n', '\r\n']) {
      expect(read([`1,"b"${end}`]), JSON.stringify(end)).toEqual([[1, '1|b']]);
    }
  });

  it('keeps U+FEFF at the start of a line, wherever the pieces of the text begin', () => {
    const head = 'h\n'.repeat(MAX_RECORD_CHARACTERS / 2);
    const line = '\ufeff1,a\n';
    expect(read([head, line]).at(-1)).toEqual([MAX_RECORD_CHARACTERS / 2 + 1, '\ufeff1|a']);
    expect(read([head + line]).at(-1)).toEqual([MAX_RECORD_CHARACTERS / 2 + 1, '\ufeff1|a']);
  });

  it('lets a record hold as many line ends as it may, and no more, wherever the text is cut', () => {
    const record = (lineEnds: number) => `1,"${'a\n'.repeat(lineEnds)}"\n2,b\n`;
    for (const size of [7, 1_000]) {
      expect(read(cut(record(MAX_RECORD_LINE_ENDS), [size]))).toHaveLength(2);
      const calls = read(cut(record(MAX_RECORD_LINE_ENDS + 1), [size]));
      expect(calls[0]).toEqual([1, 'quotes-malformed 4']);
      expect(calls.at(-1)).toEqual([MAX_RECORD_LINE_ENDS + 3, '2|b']);
    }
  });

  it('lets a record after a malformed line hold as many line ends as any other', () => {
    const record = `1,"${'a\n'.repeat(MAX_RECORD_LINE_ENDS)}"\n`;
    const calls = read([`0,"x"y\n0,"z"\n${record}2,b\n`]);
    expect(calls.map(([line]) => line)).toEqual([1, 2, 3, 3 + MAX_RECORD_LINE_ENDS + 1]);
  });

  it('takes thousands of short records with quotes from one chunk', () => {
    const calls = read(['"a"\n'.repeat(20_000)]);
    expect(calls).toHaveLength(20_000);
    expect(calls.filter(([, what]) => what !== 'a')).toEqual([]);
  });

  it('searches only a few lines for the end of each unclosed quote', () => {
    let characters = 0;
    const { Parser } = Papa;
    const spy = vi.spyOn(Papa, 'Parser').mockImplementation(function createParser(config) {
      const parser = new Parser(config);
      const { parse } = parser;
      parser.parse = (text: string, ...rest) => {
        characters += text.length;
        return parse(text, ...rest);
      };
      return parser;
    });
    const text = '"a\nx"y\n'.repeat(300);
    expect(read([text])).toHaveLength(600);
    spy.mockRestore();
    // At most MAX_RECORD_LINE_ENDS + 2 lines for each of the 600, and not all lines after it.
    expect(characters).toBeLessThan(120 * text.length);
  });

  it('reads the hundred records after a malformed line with bounded look-ahead', () => {
    const reader = new RecordReader(DIALECT, startReaderAt(1));
    const countAfter = (text: string) => {
      reader.read(text);
      return reader.state.waryRecords;
    };
    expect(countAfter('1,"a"\n')).toBe(0);
    expect(countAfter(`2,"b"x\n${'3,"c"\n'.repeat(40)}`)).toBe(60);
    expect(countAfter('4,"d"\n'.repeat(59))).toBe(1);
    expect(countAfter('5,"e"\n'.repeat(2))).toBe(0);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupLines, type Line, readLines } from '../../../../cli/send/group-lines.ts';

const LIMITS = { items: 3, bytes: 40, measure: (text: string) => text.replaceAll('"', '\\"').length };

async function* inPieces(content: string | Uint8Array, size = 5) {
  const bytes = Buffer.from(content);
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function readAll(content: string | Uint8Array, size?: number, maxBytes = LIMITS.bytes) {
  const lines: Line[] = [];
  for await (const chunk of readLines(inPieces(content, size), maxBytes)) lines.push(...chunk);
  return lines;
}

test('lines have their numbers in the input, without blank lines and the byte order mark', async () => {
  expect(await readAll('\ufeff{"a":1}\r\n\n  \n{"é":2}\n{"b":3}')).toEqual([
    { number: 1, text: '{"a":1}' },
    { number: 4, text: '{"é":2}' },
    { number: 5, text: '{"b":3}' },
  ]);
});

test('the lines are the same however the input is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 8 })),
      fc.integer({ min: 1, max: 9 }),
      async (texts, size) => {
        const content = texts.join('\n');
        expect(await readAll(content, size, 1_000)).toEqual(await readAll(content, 1_000_000, 1_000));
      },
    ),
  );
});

test('a line that is not UTF-8 or too long is named, after the lines before it', async () => {
  const lines: Line[] = [];
  const read = async (content: Uint8Array) => {
    for await (const chunk of readLines(inPieces(content, 100), LIMITS.bytes)) lines.push(...chunk);
  };
  await expect(read(Buffer.from('{"a":1}\n\xff\n', 'latin1'))).rejects.toThrow('line 2 is not UTF-8');
  expect(lines).toEqual([{ number: 1, text: '{"a":1}' }]);
  await expect(read(Buffer.from(`\n${'x'.repeat(41)}`))).rejects.toThrow('line 2 has more than 40 bytes');
});

async function group(chunks: AsyncIterable<readonly Line[]>, quietMilliseconds?: number) {
  const groups: string[][] = [];
  for await (const lines of groupLines(chunks, LIMITS, quietMilliseconds)) {
    groups.push(lines.map(({ text }) => text));
  }
  return groups;
}

test('a call has at most the items and the bytes of the limits, in the order of the input', async () => {
  const words = ['a', 'b', 'c', 'd', 'x'.repeat(30), 'y'.repeat(9), 'z'];
  expect(await group(readLines(inPieces(words.join('\n')), LIMITS.bytes))).toEqual([
    ['a', 'b', 'c'],
    ['d', 'x'.repeat(30)],
    ['y'.repeat(9), 'z'],
  ]);
});

test('lines count with the size that they have in a call, and one that is too long there is named', async () => {
  const quotes = '"'.repeat(15);
  const read = (...lines: string[]) => group(readLines(inPieces(lines.join('\n')), LIMITS.bytes));
  expect(await read('a', quotes, 'x'.repeat(9), 'b')).toEqual([
    ['a', quotes],
    ['x'.repeat(9), 'b'],
  ]);
  await expect(read('a', '"'.repeat(21))).rejects.toThrow('line 2 is not JSON and too long for a message');
});

test('every line is in one call, whatever the input', async () => {
  const line = fc.integer({ min: 1, max: 39 }).map((length) => 'x'.repeat(length));
  await fc.assert(
    fc.asyncProperty(fc.array(line), async (lines) => {
      const groups = await group(readLines(inPieces(lines.join('\n')), LIMITS.bytes));
      expect(groups.flat()).toEqual(lines);
      for (const texts of groups) {
        expect(texts.length).toBeLessThanOrEqual(LIMITS.items);
        expect(texts.join('\n').length + 1).toBeLessThanOrEqual(LIMITS.bytes);
      }
    }),
  );
});

test('lines are sent when no further one comes for a while', async () => {
  const arrived = Promise.withResolvers<void>();
  async function* slowInput() {
    yield [{ number: 1, text: 'a' }];
    await arrived.promise;
    yield [{ number: 2, text: 'b' }];
  }
  const groups = groupLines(slowInput(), LIMITS, 10);
  expect((await groups.next()).value).toEqual([{ number: 1, text: 'a' }]);
  arrived.resolve();
  expect((await groups.next()).value).toEqual([{ number: 2, text: 'b' }]);
});

test('the lines before an error of the input are a call', async () => {
  async function* brokenInput() {
    yield [{ number: 1, text: 'a' }];
    throw new Error('broken');
  }
  const groups = groupLines(brokenInput(), LIMITS);
  expect((await groups.next()).value).toEqual([{ number: 1, text: 'a' }]);
  await expect(groups.next()).rejects.toThrow('broken');
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Utf8Text } from '../../../../lambdas/core/csv/utf8-text.ts';
import { cut } from '../../pieces.ts';

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => new Uint8Array(Buffer.from(text))),
  fc
    .array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc3, 0xe2, 0xed, 0xef, 0xbb, 0xf0, 0x9f, 0xf5, 0xff), {
      maxLength: 40,
    })
    .map((bytes) => new Uint8Array(bytes)),
);
const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 });

test('any bytes, cut anywhere, give the text of the whole', () => {
  fc.assert(
    fc.property(anyBytes, sizes, (bytes, cuts) => {
      const text = new Utf8Text(0);
      const pieces = [...cut(Buffer.from(bytes), cuts)].map((piece) => text.push(piece));
      expect(pieces.join('') + text.end()).toBe(new TextDecoder().decode(bytes));
      expect(text.offset).toBe(bytes.length);
    }),
  );
});

test('reading on from where it says that it is gives the rest of the text', () => {
  fc.assert(
    fc.property(anyBytes, sizes, fc.nat(10), (bytes, cuts, stop) => {
      const first = new Utf8Text(0);
      const begin = [...cut(Buffer.from(bytes), cuts)].slice(0, stop).map((piece) => first.push(piece));
      const second = new Utf8Text(first.offset);
      const rest = second.push(bytes.subarray(first.offset)) + second.end();
      expect(begin.join('') + rest).toBe(new TextDecoder().decode(bytes));
    }),
  );
});

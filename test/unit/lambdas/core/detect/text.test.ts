import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TextReader } from '../../../../../lambdas/core/detect/text.ts';
import { cut } from '../../../../support/pieces.ts';

const BYTES = [
  0x41, 0x0a, 0x80, 0xbf, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xed, 0xef, 0xbb, 0xf0, 0x9f, 0xfe, 0xff, 0, 0xd8,
];
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => new Uint8Array(Buffer.from(text))),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => new Uint8Array(Buffer.from(text, 'utf16le'))),
  fc.array(fc.constantFrom(...BYTES), { maxLength: 40 }).map((bytes) => new Uint8Array(bytes)),
);
const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 });

function decode(bytes: Uint8Array, cuts: readonly number[] = [100_000]) {
  const text = new TextReader();
  const pieces = [...cut(Buffer.from(bytes), cuts)].map((piece) => text.read(piece));
  return { text: pieces.join('') + text.end(), ...text.position };
}

describe('any bytes', () => {
  test('give the same text and encoding wherever they are cut', () => {
    fc.assert(
      fc.property(anyBytes, sizes, (bytes, cuts) => {
        const whole = decode(bytes);
        expect(decode(bytes, cuts)).toEqual(whole);
        expect(whole.byte).toBe(bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  test('can be read on from where the reading says that it is', () => {
    fc.assert(
      fc.property(anyBytes, sizes, fc.nat(10), (bytes, cuts, stop) => {
        const first = new TextReader();
        const begin = [...cut(Buffer.from(bytes), cuts)].slice(0, stop).map((piece) => first.read(piece));
        const second = new TextReader(JSON.parse(JSON.stringify(first.position)));
        const rest = second.read(bytes.subarray(first.position.byte)) + second.end();
        // If the encoding is still undecided, the remaining bytes decide it as the whole text does.
        expect(begin.join('') + rest).toBe(decode(bytes).text);
      }),
      { numRuns: 500 },
    );
  });
});

const PHRASE = 'Crème brûlée – 5 € 🍮';
describe('the encoding is found', () => {
  test.each<[string, string | undefined, Buffer]>([
    ['UTF-8', PHRASE, Buffer.from(PHRASE)],
    ['UTF-8 with a mark', PHRASE, Buffer.from(`\ufeff${PHRASE}`)],
    ['UTF-16LE with a mark', PHRASE, Buffer.from(`\ufeff${PHRASE}`, 'utf16le')],
    ['UTF-16LE', PHRASE, Buffer.from(PHRASE, 'utf16le')],
    ['UTF-16BE with a mark', PHRASE, Buffer.from(`\ufeff${PHRASE}`, 'utf16le').swap16()],
    ['UTF-16BE', PHRASE, Buffer.from(PHRASE, 'utf16le').swap16()],
    ['Windows-1252', 'Crème – 5 €', Buffer.from('Cr\xe8me \x96 5 \x80', 'latin1')],
  ])('%s', (name, text, bytes) => {
    expect(decode(bytes)).toMatchObject({ text, encoding: name.split(' ')[0] });
  });

  test('is open while all is ASCII, and decided by the first other byte', () => {
    expect(decode(Buffer.from('plain'))).toMatchObject({ text: 'plain', encoding: undefined });
    const late = Buffer.concat([Buffer.alloc(300_000, 'x'), Buffer.from('caf\xe9', 'latin1')]);
    expect(decode(late, [65_536])).toMatchObject({ encoding: 'Windows-1252' });
  });

  test('stays UTF-8 where a few of its characters are damaged', () => {
    const bytes = Buffer.concat([Buffer.from('Müll, Öl, '), Buffer.from([0xff]), Buffer.from(' Äpfel')]);
    expect(decode(bytes)).toMatchObject({ text: 'Müll, Öl, \ufffd Äpfel', encoding: 'UTF-8' });
  });
});

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
    expect(decode(late, [65_536]).encoding).toBe('Windows-1252');
    expect(decode(late, [late.length]).encoding).toBe('Windows-1252');
  });

  test('is UTF-8 unless more of its characters are damaged than intact', () => {
    const bytes = Buffer.concat([Buffer.from('Müll, Öl, '), Buffer.from([0xff]), Buffer.from(' Äpfel')]);
    expect(decode(bytes)).toMatchObject({ text: 'Müll, Öl, \ufffd Äpfel', encoding: 'UTF-8' });
    expect(decode(Buffer.from('Öl \xff', 'latin1'))).toMatchObject({ encoding: 'Windows-1252' });
    const half = Buffer.concat([Buffer.from('Öl '), Buffer.from([0xff])]);
    expect(decode(half)).toMatchObject({ text: 'Öl \ufffd', encoding: 'UTF-8' });
  });

  test('is decided by the 64 KiB from the first byte that is not ASCII', () => {
    const [damaged, utf8] = [Buffer.from([0xff]), Buffer.from('éé')];
    const textWith = (distance: number) =>
      Buffer.concat([Buffer.from('id'), damaged, Buffer.alloc(distance, 'x'), utf8]);
    expect(decode(textWith(65_536 - 5)).encoding).toBe('UTF-8');
    expect(decode(textWith(65_536 - 1)).encoding).toBe('Windows-1252');
  });

  test('is decided without the character that the 64 KiB cut in two', () => {
    const head = Buffer.concat([Buffer.from([0xff]), Buffer.from('é')]);
    const bytes = Buffer.concat([head, Buffer.alloc(65_536 - 4, 'x'), Buffer.from('é')]);
    expect(decode(bytes, [65_536]).encoding).toBe('UTF-8');
  });

  test.each([
    ['\0', undefined, Buffer.from([0])],
    ['a', 'UTF-16LE', Buffer.from([0x61, 0])],
    ['a', 'UTF-16BE', Buffer.from([0, 0x61])],
    ['ab', undefined, Buffer.from('ab')],
    ['€', 'Windows-1252', Buffer.from([0x80])],
  ])('in a text that is only %j: %s', (text, encoding, bytes) => {
    expect(decode(bytes)).toEqual({ text, encoding, byte: bytes.length });
  });

  test('by a byte order mark only at the beginning of the text', () => {
    const text = new TextReader();
    expect(text.read(Buffer.from('abc'))).toBe('abc');
    expect(text.read(Buffer.from('\ufeffde')) + text.end()).toBe('\ufeffde');
    expect(text.position).toEqual({ byte: 8, encoding: 'UTF-8' });
  });
});

test('Windows-1252 has all its characters, and U+FFFD for the five bytes without one', () => {
  const bytes = Uint8Array.from({ length: 128 }, (_, index) => 0x80 + index);
  expect(decode(bytes).text).toBe(
    '€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ' +
      '\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ',
  );
});

describe('after the encoding is decided', () => {
  // The first and the last character of every length in UTF-8, and surrogate pairs.
  const CHARACTERS = [...'a\x7f\x80é\u07ff\u0800€\ud7ff\ue000\uffff\u{10000}🍮\u{10ffff}b'];
  const utf16 = (text: string) => Buffer.from(text, 'utf16le');
  const windows1252 = (text: string) => Buffer.from(text.replace(/[^\0-\xff]/gu, '?'), 'latin1');

  test.each<[string, string, (text: string) => Buffer]>([
    ['UTF-8', 'é'.repeat(32_768), (text) => Buffer.from(text)],
    ['Windows-1252', 'é'.repeat(65_536), windows1252],
    ['UTF-16LE', 'id', utf16],
    ['UTF-16BE', 'id', (text) => utf16(text).swap16()],
  ])(
    'every character of %s is decoded as soon as it is complete, and no sooner',
    (encoding, head, encode) => {
      const begin = encode(head);
      const characters = encoding === 'Windows-1252' ? ['a', 'é', 'ÿ', 'b'] : CHARACTERS;
      const text = new TextReader();
      // The difference of such long texts takes long to print.
      expect(text.read(begin) === head).toBe(true);
      let byte = begin.length;
      for (const character of characters) {
        const bytes = encode(character);
        for (let at = 0; at < bytes.length - 1; at++) {
          expect(text.read(bytes.subarray(at, at + 1))).toBe('');
          expect(text.position).toEqual({ byte, encoding });
        }
        byte += bytes.length;
        expect(text.read(bytes.subarray(bytes.length - 1))).toBe(character);
        expect(text.position).toEqual({ byte, encoding });
      }
      expect(text.end()).toBe('');
    },
  );

  test('a byte of UTF-8 that continues or begins no character is replaced at once', () => {
    const text = new TextReader({ byte: 100, encoding: 'UTF-8' });
    expect(text.read(Uint8Array.of(0x80))).toBe('\ufffd');
    expect(text.read(Uint8Array.of(0xe2, 0x61))).toBe('\ufffda');
    expect(text.position).toEqual({ byte: 103, encoding: 'UTF-8' });
  });

  test('the caller may use the memory of a chunk again', () => {
    const text = new TextReader({ byte: 100, encoding: 'UTF-8' });
    const chunk = Buffer.from('é').subarray(0, 1);
    expect(text.read(chunk)).toBe('');
    chunk.fill(0);
    expect(text.read(Uint8Array.of(0xa9))).toBe('é');
  });
});

/** Character of each byte. */
const WINDOWS_1252 = new TextDecoder('windows-1252').decode(
  Uint8Array.from({ length: 256 }, (_, byte) => byte),
);

/** @throws {RangeError} if the text has a character that Windows-1252 lacks */
export function windows1252(text: string): Buffer {
  return Buffer.from(
    Array.from(text, (sign) => {
      const byte = WINDOWS_1252.indexOf(sign);
      if (byte < 0) throw new RangeError(`Windows-1252 has no "${sign}"`);
      return byte;
    }),
  );
}

export function utf16le(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

export function utf16be(text: string): Buffer {
  return utf16le(text).swap16();
}

/** Encodes as UTF-8, except that the characters U+DC80 to U+DCFF become the single bytes 80 to FF. */
export function damagedUtf8(text: string): Buffer {
  return Buffer.concat(
    text.split(/([\udc80-\udcff])/).map((part) => {
      return /^[\udc80-\udcff]$/.test(part) ? Buffer.from([part.charCodeAt(0) & 0xff]) : Buffer.from(part);
    }),
  );
}

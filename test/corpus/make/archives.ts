import { constants, crc32, deflateRawSync } from 'node:zlib';

/** Compresses without a search for repetitions, whose result depends on the processor: equal bytes everywhere. */
const deflate = (content: Uint8Array) => deflateRawSync(content, { strategy: constants.Z_HUFFMAN_ONLY });

/** One member of gzip (RFC 1952). */
export function gzip(content: Uint8Array): Buffer {
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc32(content));
  end.writeUInt32LE(content.length, 4);
  return Buffer.concat([Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255), deflate(content), end]);
}

/** A file in an archive and its unusual properties. */
export interface Member {
  /** The name of a folder ends with a slash. */
  readonly name: string;
  readonly content?: Uint8Array;
  /** APPNOTE.TXT, 4.4.5. @default 8, deflated */
  readonly method?: number;
  /** APPNOTE.TXT, 4.4.4: 1 is encrypted; 8 has size and checksum only after the data. */
  readonly flags?: 1 | 8;
  /** True for sizes of 64 bits. */
  readonly isZip64?: boolean;
  /** @default the checksum of the content */
  readonly checksum?: number;
}

/** A zip archive (APPNOTE.TXT, 4.3). */
export function zip(...members: readonly Member[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const { name, content = Buffer.alloc(0), method = 8, flags = 0, isZip64 = false } = member;
    const data = method === 8 ? deflate(content) : Buffer.from(content);
    const checksum = member.checksum ?? crc32(content);
    const sizes = isZip64
      ? numbers([4, 0xffffffff], [4, 0xffffffff])
      : numbers([4, data.length], [4, content.length]);
    const extra = isZip64 ? numbers([2, 1], [2, 16], [8, content.length], [8, data.length]) : Buffer.alloc(0);
    const common = (sums: Buffer) =>
      Buffer.concat([
        numbers([2, isZip64 ? 45 : 20], [2, flags], [2, method], [2, 0], [2, 0x21]),
        sums,
        numbers([2, Buffer.byteLength(name)], [2, extra.length]),
      ]);
    const sums = Buffer.concat([numbers([4, checksum]), sizes]);
    const local = common(flags === 8 ? Buffer.alloc(12) : sums);
    const descriptor = flags === 8 ? Buffer.concat([numbers([4, 0x08074b50]), sums]) : Buffer.alloc(0);
    const file = [numbers([4, 0x04034b50]), local, Buffer.from(name), extra, data, descriptor];
    directory.push(numbers([4, 0x02014b50], [2, 20]), common(sums));
    directory.push(numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]), Buffer.from(name), extra);
    files.push(...file);
    offset += Buffer.concat(file).length;
  }
  const { length } = Buffer.concat(directory);
  const end = numbers([4, 0x06054b50], [4, 0], [2, members.length], [2, members.length]);
  return Buffer.concat([...files, ...directory, end, numbers([4, length], [4, offset], [2, 0])]);
}

/** Encodes integers in little-endian order, each with its length in bytes. */
function numbers(...all: readonly (readonly [bytes: number, value: number])[]): Buffer {
  return Buffer.concat(
    all.map(([bytes, value]) => {
      const buffer = Buffer.alloc(bytes);
      buffer.writeUIntLE(value, 0, Math.min(bytes, 6));
      return buffer;
    }),
  );
}

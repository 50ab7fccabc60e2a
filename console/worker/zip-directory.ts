import { damagedArchive } from '../../lambdas/core/archive/archive.ts';
import { crc32 } from './crc32.ts';

/** Signatures of the parts of an archive (APPNOTE.TXT, 4.3). */
const FILE = 0x04034b50;
const ENTRY = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const END_64_PLACE = 0x07064b50;
const END_BYTES = 22;
const END_64_BYTES = 56;
const END_64_PLACE_BYTES = 20;
const MAX_COMMENT_BYTES = 65_535;
/** Field of an entry whose value of 64 bits is in an extra field. */
const IN_EXTRA = 0xffff_ffff;
const ZIP64_EXTRA = 1;
const UNICODE_PATH_EXTRA = 0x7075;
const IS_ENCRYPTED = 1;
const IS_STRONGLY_ENCRYPTED = 0x40;
const IS_UTF8 = 0x800;
const CP437 =
  '\u0000☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼ !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~⌂ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** An entry of the directory of an archive. */
export interface DirectoryEntry {
  readonly fileName: string;
  readonly isEncrypted: boolean;
  /** APPNOTE.TXT, 4.4.5. */
  readonly method: number;
  readonly checksum: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

/**
 * Reads the directory of a zip archive by the rules of yauzl, with which the parser reads it: other libraries repair
 * archives that yauzl refuses, and the page would promise rows that do not load.
 * @throws {ArchiveError} at the entry that is damaged
 */
export async function* readDirectory(blob: Blob): AsyncGenerator<DirectoryEntry> {
  let { entries, offset } = await findDirectory(blob);
  for (; entries > 0; entries--) {
    const head = await readPart(blob, offset, 46);
    checkSignature(head, ENTRY, 'central directory file header');
    const flags = head.getUint16(8, true);
    if ((flags & IS_STRONGLY_ENCRYPTED) !== 0) throw damagedArchive('strong encryption is not supported');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((at) => head.getUint16(at, true)) as [
      number,
      number,
      number,
    ];
    const rest = await readPart(blob, offset + 46, nameBytes + extraBytes + commentBytes);
    offset += 46 + rest.byteLength;
    const extras = readExtraFields(viewOf(rest, nameBytes, extraBytes));
    const fileName = readName(viewOf(rest, 0, nameBytes), extras, (flags & IS_UTF8) !== 0);
    const fault = findNameFault(fileName);
    if (fault !== undefined) throw damagedArchive(fault);
    const common = {
      fileName,
      isEncrypted: (flags & IS_ENCRYPTED) !== 0,
      method: head.getUint16(10, true),
      checksum: head.getUint32(16, true),
    };
    const zip64 = extras.find(({ id }) => id === ZIP64_EXTRA)?.data;
    yield { ...common, ...readSizes(head, zip64) };
  }
}

/** Finds where the content of an entry begins. @throws {ArchiveError} if it is not in the archive */
export async function findContent(blob: Blob, { offset, packedBytes }: DirectoryEntry): Promise<number> {
  const head = await readPart(blob, offset, 30);
  checkSignature(head, FILE, 'local file header');
  const start = offset + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  if (start + packedBytes <= blob.size) return start;
  throw damagedArchive(`file data overflows file bounds: ${start} + ${packedBytes} > ${blob.size}`);
}

async function findDirectory(blob: Blob): Promise<{ entries: number; offset: number }> {
  const length = Math.min(blob.size, END_64_PLACE_BYTES + END_BYTES + MAX_COMMENT_BYTES);
  const tail = await readPart(blob, blob.size - length, length);
  let at = length - END_BYTES;
  while (at >= 0 && tail.getUint32(at, true) !== END) at--;
  if (at < 0) {
    throw damagedArchive(
      'End of central directory record signature not found. Either not a zip file, or file is truncated',
    );
  }
  const [expected, found] = [length - at - END_BYTES, tail.getUint16(at + 20, true)];
  if (found !== expected) {
    throw damagedArchive(
      `Invalid comment length. Expected: ${expected}. Found: ${found}. Are there extra bytes at the end of the file? Or is the end of central dir signature \`PK☺☻\` in the comment?`,
    );
  }
  const place = at - END_64_PLACE_BYTES;
  if (place < 0 || tail.getUint32(place, true) !== END_64_PLACE) {
    checkDisk(tail.getUint16(at + 4, true));
    return { entries: tail.getUint16(at + 10, true), offset: tail.getUint32(at + 16, true) };
  }
  const end = await readPart(blob, getUint64(tail, place + 8), END_64_BYTES);
  if (end.getUint32(0, true) !== END_64)
    throw damagedArchive('invalid zip64 end of central directory record signature');
  checkDisk(end.getUint32(16, true));
  return { entries: getUint64(end, 32), offset: getUint64(end, 48) };
}

function checkDisk(disk: number): void {
  if (disk !== 0) throw damagedArchive(`multi-disk zip files are not supported: found disk number: ${disk}`);
}

function checkSignature(view: DataView, signature: number, name: string): void {
  const found = view.getUint32(0, true);
  if (found !== signature) throw damagedArchive(`invalid ${name} signature: 0x${found.toString(16)}`);
}

async function readPart(blob: Blob, start: number, length: number): Promise<DataView<ArrayBuffer>> {
  if (start + length > blob.size) throw damagedArchive('unexpected end of file');
  return new DataView(await blob.slice(start, start + length).arrayBuffer());
}

function viewOf({ buffer }: DataView<ArrayBuffer>, start: number, length: number): DataView<ArrayBuffer> {
  return new DataView(buffer, start, length);
}

function getUint64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

interface ExtraField {
  readonly id: number;
  readonly data: DataView<ArrayBuffer>;
}

function readExtraFields(view: DataView<ArrayBuffer>): ExtraField[] {
  const fields: ExtraField[] = [];
  let at = 0;
  while (at < view.byteLength - 3) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    at += 4;
    if (at + length > view.byteLength)
      throw damagedArchive('extra field length exceeds extra field buffer size');
    fields.push({ id, data: new DataView(view.buffer, view.byteOffset + at, length) });
    at += length;
  }
  return fields;
}

/** Reads sizes and place of an entry. Those of 64 bits follow each other in their extra field. */
function readSizes(head: DataView, zip64: DataView | undefined) {
  let at = 0;
  const read = (field: number, name: string) => {
    const value = head.getUint32(field, true);
    if (value !== IN_EXTRA || zip64 === undefined) return value;
    if (at + 8 > zip64.byteLength)
      throw damagedArchive(`zip64 extended information extra field does not include ${name}`);
    at += 8;
    return getUint64(zip64, at - 8);
  };
  const bytes = read(24, 'uncompressed size');
  const packedBytes = read(20, 'compressed size');
  return { bytes, packedBytes, offset: read(42, 'relative header offset') };
}

/** Reads the name of an entry, or that of its extra field in UTF-8 (APPNOTE.TXT, 4.6.9) if it is about the same name. */
function readName(name: DataView<ArrayBuffer>, extras: readonly ExtraField[], isUtf8: boolean): string {
  const isOfName = ({ id, data }: ExtraField) =>
    id === UNICODE_PATH_EXTRA &&
    data.byteLength >= 6 &&
    data.getUint8(0) === 1 &&
    data.getUint32(1, true) === crc32(bytesOf(name));
  const path = extras.find(isOfName)?.data;
  const text = path === undefined ? decode(bytesOf(name), isUtf8) : decode(bytesOf(path).subarray(5), true);
  return text.replaceAll('\\', '/');
}

function bytesOf({ buffer, byteOffset, byteLength }: DataView<ArrayBuffer>): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function decode(bytes: Uint8Array, isUtf8: boolean): string {
  if (isUtf8) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return Array.from(bytes, (byte) => CP437[byte]).join('');
}

/** Finds a name that leads out of the archive. */
function findNameFault(name: string): string | undefined {
  if (/^[a-zA-Z]:|^\//.test(name)) return `absolute path: ${name}`;
  return name.split('/').includes('..') ? `invalid relative path: ${name}` : undefined;
}

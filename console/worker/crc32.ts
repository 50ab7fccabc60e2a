const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Checksum of zip archives (RFC 1952, 8). @param sum of the bytes before */
export function crc32(bytes: Uint8Array, sum = 0): number {
  let value = ~sum;
  for (let index = 0; index < bytes.length; index++)
    value = (value >>> 8) ^ TABLE[(value ^ bytes[index]!) & 0xff]!;
  return ~value >>> 0;
}

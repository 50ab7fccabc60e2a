/** Opcode of a frame with bytes (RFC 6455, section 5.2). */
const BINARY = 2;

interface Frame {
  readonly opcode: number;
  readonly bytes: number;
}

/** Reads the headers of the frames in a stream of bytes (RFC 6455, section 5.2), for limits on single frames. */
export class FrameMeter {
  #header = Buffer.alloc(0);
  /** Bytes of the present frame that are still to come. */
  #left = 0;

  /** @returns the frames that begin in these bytes, as soon as their headers are whole */
  read(bytes: Buffer): Frame[] {
    const frames: Frame[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, rest.length);
        this.#left -= skipped;
        rest = rest.subarray(skipped);
        continue;
      }
      this.#header = Buffer.concat([this.#header, rest.subarray(0, 1)]);
      rest = rest.subarray(1);
      const frame = readHeader(this.#header);
      if (frame === undefined) continue;
      frames.push(frame);
      this.#left = frame.bytes;
      this.#header = Buffer.alloc(0);
    }
    return frames;
  }
}

/** @returns undefined if the header is not whole yet */
function readHeader(header: Buffer): Frame | undefined {
  if (header.length < 2) return undefined;
  const [first = 0, second = 0] = header;
  const length = second & 0x7f;
  const lengthBytes = length === 126 ? 2 : length === 127 ? 8 : 0;
  const maskBytes = second & 0x80 ? 4 : 0;
  if (header.length < 2 + lengthBytes + maskBytes) return undefined;
  const bytes =
    lengthBytes === 8
      ? Number(header.readBigUInt64BE(2))
      : lengthBytes === 2
        ? header.readUInt16BE(2)
        : length;
  return { opcode: first & 0x0f, bytes };
}

export function isBinary({ opcode }: Frame): boolean {
  return opcode === BINARY;
}

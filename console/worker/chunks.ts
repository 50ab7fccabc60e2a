const CHUNK_BYTES = 1_048_576;

/**
 * Reads a file in chunks, so that memory stays flat.
 * @param onRead is called with the number of bytes of each chunk
 * @param chunkBytes size of all chunks but the last one
 */
export async function* readBlob(
  blob: Blob,
  onRead: (bytes: number) => void = () => undefined,
  chunkBytes = CHUNK_BYTES,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let start = 0; start < blob.size; start += chunkBytes) {
    const chunk = new Uint8Array(await blob.slice(start, start + chunkBytes).arrayBuffer());
    onRead(chunk.length);
    yield chunk;
  }
}

/** Reads a stream. Not every browser iterates over one. */
export async function* readStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    // The source of a stream that has failed or ended is closed already.
    await reader.cancel().catch(() => undefined);
  }
}

/** Makes a stream that is filled as fast as it is read. */
export function toStream(
  chunks: AsyncGenerator<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}

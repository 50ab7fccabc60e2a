import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decompress, explain } from '../../../console/worker/gzip.ts';

test.each([
  ['Chrome', 'Compressed input was truncated.', 'unexpected end of file'],
  ['Firefox', 'The input is ended without reaching the stream end', 'unexpected end of file'],
  ['Chrome', 'Junk found after end of compressed data.', 'data follows the end of the archive'],
  ['Safari', 'Extra bytes past the end.', 'it ends too early, or data follows its end'],
  ['Safari', 'Failed to Decode Data.', 'its data is damaged'],
  ['Chrome', 'The compressed data was not valid: incorrect data check.', 'incorrect data check'],
  ['Firefox', 'The input data is corrupted: incorrect data check', 'incorrect data check'],
])('an error of %s is said as the parser says it: %s', (_, message, reason) => {
  expect(explain(new TypeError(message))).toBe(reason);
});

test('an archive that unpacks to a thousand times its size is unpacked in small parts', async () => {
  const packed = new Blob([gzipSync(Buffer.alloc(200 * 1_048_576))]);
  const parts: number[] = [];
  let unpacked = 0;
  for await (const { length } of decompress(packed, 'gzip', (bytes) => parts.push(bytes))) unpacked += length;
  expect(unpacked).toBe(200 * 1_048_576);
  expect(parts.length).toBeGreaterThan(1);
  expect(Math.max(...parts) * 1_032).toBeLessThan(100 * 1_048_576);
});

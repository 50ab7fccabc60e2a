import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { GeneratedFile } from './generated-files.ts';
import type { ParsedFile } from './parse-generated.ts';

const HUNDRED_MB = 100_000_000;
/** Far less than the file. */
const MAX_HEAP_MIB = 64;
/** Includes the program itself and memory outside the heap. */
const MAX_MEMORY_MIB = 300;
const MAX_RECORD_CHARACTERS = 65_536;

async function parseInLittleMemory(name: GeneratedFile): Promise<ParsedFile> {
  const script = fileURLToPath(new URL('./parse-generated.ts', import.meta.url));
  const args = [`--max-old-space-size=${MAX_HEAP_MIB}`, script, name, String(HUNDRED_MB)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 10_000_000 });
  return JSON.parse(stdout);
}

describe('100 MB in limited memory', () => {
  test.each(['long-line', 'long-line-in-quotes'] as const)(
    '%s is rejected between good rows',
    async (name) => {
      const parsed = await parseInLittleMemory(name);
      expect(parsed).toMatchObject({ rows: 2, lines: [2, 4], failure: null });
      expect(parsed.rejected).toEqual([{ line: 3, code: 'row-too-long', characters: MAX_RECORD_CHARACTERS }]);
      expect(parsed.maxMemoryMiB).toBeLessThan(MAX_MEMORY_MIB);
    },
  );

  test('an unclosed quote costs only its own line, whatever follows', async () => {
    const parsed = await parseInLittleMemory('quote-never-closed');
    expect(parsed.rejected).toMatchObject([{ line: 2, code: 'quotes-malformed' }]);
    expect(parsed.lines).toEqual([3, 4, 5]);
    expect(parsed.rows).toBeGreaterThan(1_000_000);
    expect(parsed.maxMemoryMiB).toBeLessThan(MAX_MEMORY_MIB);
  });

  test('a few rows do not keep the text between them in memory', async () => {
    const parsed = await parseInLittleMemory('few-rows');
    expect(parsed).toMatchObject({ rejected: [], failure: null });
    expect(parsed.rows).toBeGreaterThan(1_000);
    expect(parsed.maxMemoryMiB).toBeLessThan(MAX_MEMORY_MIB);
  });

  test('a file without a line terminator is refused', async () => {
    const parsed = await parseInLittleMemory('one-line');
    expect(parsed).toMatchObject({ rows: 0, rejected: [] });
    expect(parsed.failure).toMatch(/^(not-csv|column-missing)$/);
    expect(parsed.maxMemoryMiB).toBeLessThan(MAX_MEMORY_MIB);
  });
});

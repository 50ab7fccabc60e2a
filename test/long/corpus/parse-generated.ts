/** Parses a generated file in a separate process, so that its memory can be limited and measured. */

import { parseBatches } from '../../../lambdas/core/parse.ts';
import type { RejectedRow } from '../../../lambdas/core/row-batch.ts';
import { DEFAULT_RULES } from '../../../lambdas/core/rules.ts';
import { uploadOf } from '../../support/upload-fixture.ts';
import { GENERATED_FILES, type GeneratedFile } from './generated-files.ts';

/** Result that the process prints as JSON. */
export interface ParsedFile {
  readonly rows: number;
  /** The lines of the first rows. */
  readonly lines: readonly number[];
  readonly rejected: readonly { line: number; code: string; characters: number }[];
  readonly failure: string | null;
  readonly maxMemoryMiB: number;
}

async function parse(name: GeneratedFile, characters: number): Promise<ParsedFile> {
  let rows = 0;
  const lines: string[] = [];
  const rejects: RejectedRow[] = [];
  async function* chunks() {
    for (const text of GENERATED_FILES[name](characters)) yield Buffer.from(text);
  }
  const settings = { rules: DEFAULT_RULES, maxMessageBytes: 1_048_576 };
  let failure: string | undefined;
  for await (const { batch } of parseBatches(uploadOf(), { chunks: chunks() }, settings)) {
    rows += batch.rowCount;
    rejects.push(...batch.rejects);
    if (lines.length < 3) lines.push(...batch.rows.lines.slice(1, -1).split(',').slice(0, 3));
    failure = batch.closing?.failure?.code;
  }
  return {
    rows,
    lines: lines.slice(0, 3).map(Number),
    rejected: rejects.map(({ line, code, text }) => ({ line, code, characters: text.length })),
    failure: failure ?? null,
    maxMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
  };
}

const [name, characters] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await parse(name as GeneratedFile, Number(characters))));

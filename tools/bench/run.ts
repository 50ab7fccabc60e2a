#!/usr/bin/env node
import { CommanderError } from 'commander';
import { EXIT } from '../../cli/exit-codes.ts';
import { note, print, printJson } from '../../cli/output/console.ts';
import { readOptions } from './options.ts';
import { formatText } from './output/tables.ts';
import { writeDocuments } from './output/write.ts';
import { PARTS } from './parts.ts';
import type { Results } from './results.ts';
import { Setting } from './setting.ts';

async function run(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const setting = await Setting.open(note);
  let results: Results = { schemaVersion: 1 };
  try {
    for (const name of options.only) {
      note(`${name} …`);
      results = { ...results, ...(await PARTS[name]!(setting, options)) };
    }
  } finally {
    await setting.close();
  }
  if (options.json) printJson(withHeadline(results));
  else print(formatText(results));
  if (options.write) note(`${writeDocuments(results).join(', ')} are written`);
}

/** What a program that asks for one number looks for stands at the top. */
function withHeadline(results: Results): object {
  if (results.throughput === undefined) return results;
  const { rows, processors, ratioToCopy } = results.throughput;
  const { schemaVersion, ...parts } = results;
  return { schemaVersion, rows, processors, ratioToCopy, ...parts };
}

try {
  await run();
  process.exit(EXIT.done);
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage);
  note(`bench: ${(error as Error).stack}`);
  process.exit(EXIT.failed);
}

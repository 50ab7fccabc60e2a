#!/usr/bin/env node
import type { ParseFile } from '../cli/command.ts';
import { createTerminalContext, main } from '../cli/main.ts';

// The settings and the parser are read only by the command that needs them.
const parseFile: ParseFile = async (file, stage, onBatch) => {
  const { readStageSettings } = await import('../lib/settings/read-settings.ts');
  const { checkFile } = await import('../lambdas/parse/check-file.ts');
  const { rules: document, maxMessageBytes, maxUnpackedMiB, maxRejectedRows } = readStageSettings(stage);
  await checkFile(file, { document, limits: { maxMessageBytes, maxUnpackedMiB, maxRejectedRows } }, onBatch);
};

// Interrupted work may still be waiting: the program ends when main returns.
process.exit(await main(process.argv.slice(2), createTerminalContext(parseFile)));

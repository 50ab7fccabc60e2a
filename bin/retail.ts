#!/usr/bin/env node
import { createTerminalContext, main } from '../cli/main.ts';

// The settings are read only by commands that need them.
const readRules = async (stage?: string) =>
  (await import('../lib/settings/read-settings.ts')).readRules(stage);

// Interrupted work may still be waiting: the program ends when main returns.
process.exit(await main(process.argv.slice(2), createTerminalContext(readRules)));

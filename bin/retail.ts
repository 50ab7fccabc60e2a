#!/usr/bin/env node
import { main } from '../cli/main.ts';

// Interrupted work may still be waiting: the program ends when main returns.
process.exit(await main(process.argv.slice(2)));

#!/usr/bin/env node
import { main } from '../cli/main.ts';

// What was interrupted may still wait for something; the program is done when main says so.
process.exit(await main(process.argv.slice(2)));

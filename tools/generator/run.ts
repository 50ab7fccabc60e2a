#!/usr/bin/env node
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { Command, InvalidArgumentError } from 'commander';
import { generateCsv, type SampleOptions } from './generator.ts';

const whole = (text: string) => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
};
const day = (text: string) => {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
  if (!isDay) throw new InvalidArgumentError('It is a day written as YYYY-MM-DD.');
  return text;
};

const command = new Command('generate')
  .description('write a made-up CSV of transactions; the same options give the same file')
  .requiredOption('--rows <n>', 'how many rows', whole)
  .option('--seed <n>', 'which of all possible files', whole, 1)
  .requiredOption('--date <YYYY-MM-DD>', 'the day of the transactions', day)
  .option('--days <n>', 'spread the rows over so many days, ending with --date', whole, 1)
  .option('--broken <n>', 'how many rows break a rule', whole, 0)
  .option('--out <file>', 'where to write (default: standard output)')
  .parse();
const { out, ...options } = command.opts<SampleOptions & { out?: string }>();

const target = out === undefined ? process.stdout : createWriteStream(out);
target.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  console.error(`generate: ${error.message}`);
  process.exit(1);
});
for (const piece of generateCsv(options)) if (!target.write(piece)) await once(target, 'drain');
if (out !== undefined) await finished(target.end());

/**
 * Writes the table of the data contract, or with `--out DIR` every file of the corpus with its expected outcome.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { makeCorpus, writeCorpus } from './make/corpus.ts';
import { CONTRACT, corpusTable, TABLE } from './make/table.ts';

const { out } = parseArgs({ options: { out: { type: 'string' } } }).values;
const corpus = makeCorpus();
if (out === undefined) {
  const text = await readFile(CONTRACT, 'utf8');
  await writeFile(
    CONTRACT,
    text.replace(TABLE, (_, begin, _table, end) => begin + corpusTable(corpus) + end),
  );
  process.stdout.write(`docs/data-contract.md: ${corpus.length} situations\n`);
} else {
  await writeCorpus(corpus, out);
  process.stdout.write(`${out}: ${corpus.length} files, each with its expected outcome\n`);
}

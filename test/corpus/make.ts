/** Writes the files of the corpus, what should become of each, and the table of the data contract. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CORPUS_DIR, makeCorpus, writtenCorpus } from './make/corpus.ts';
import { corpusTable, TABLE } from './make/table.ts';
import { SUBJECTS } from './situations/index.ts';

const corpus = makeCorpus();
for (const folder of Object.keys(SUBJECTS))
  await rm(join(CORPUS_DIR, folder), { recursive: true, force: true });
for (const [path, bytes] of writtenCorpus(corpus)) {
  const file = join(CORPUS_DIR, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
}

const contract = new URL('../../docs/data-contract.md', import.meta.url);
const text = await readFile(contract, 'utf8');
await writeFile(
  contract,
  text.replace(TABLE, (_, begin, _table, end) => begin + corpusTable(corpus) + end),
);
process.stdout.write(`${corpus.length} files\n`);

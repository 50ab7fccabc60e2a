import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findFiles } from '../../../cli/find-files.ts';
import { createIo } from '../../../cli/output/console.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const parent = temporaryDir();
let folders = 0;

async function find(names: readonly string[], store?: string, path = '.') {
  const dir = join(parent, String(++folders));
  for (const name of names) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), '');
  }
  const noted: string[] = [];
  const note = (text: string) => void noted.push(text.replaceAll(`${dir}/`, ''));
  const io = createIo({ print: note, note, showProgress: () => undefined });
  const files = await findFiles([join(dir, path)], store, io);
  return { keys: files.map(({ key }) => key), noted };
}

test('a folder gives every file that the data contract allows, and the others are named', async () => {
  const uploaded = ['a.csv', 'b.TSV', 'c.txt', 'd.gz', 'e.zip', 'f.csv.gz', 'sub/g.txt.zip'];
  const { keys, noted } = await find([...uploaded, '.DS_Store', 'notes.md', 'sub/h.xls']);
  expect(keys).toEqual(uploaded.map((name) => `incoming/store=main/${name.replace('sub/', '')}`));
  expect(noted).toEqual([
    'Skipped, because the name does not end with .csv, .tsv, .txt, .ndjson, .jsonl, .xlsx, .xlsm, .ods, .gz or .zip: .DS_Store, notes.md, sub/h.xls',
  ]);
});

test('only the first skipped files are named', async () => {
  const { noted } = await find(['a.csv', ...Array.from({ length: 12 }, (_, index) => `${10 + index}.md`)]);
  expect(noted[0]).toMatch(/: 10\.md, .*, 19\.md and 2 more$/);
});

test('a folder store=NAME gives the store of its files', async () => {
  const names = ['incoming/store=paris/a.csv', 'incoming/store=oslo/2024/a.csv', 'b.csv'];
  expect(await find(names)).toEqual({
    keys: ['incoming/store=main/b.csv', 'incoming/store=oslo/a.csv', 'incoming/store=paris/a.csv'],
    noted: [],
  });
  expect((await find(names, undefined, 'incoming/store=paris/a.csv')).keys).toEqual([
    'incoming/store=paris/a.csv',
  ]);
});

test('--store is for files without such a folder', async () => {
  expect((await find(['a.csv', 'store=rome/b.csv'], 'rome')).keys).toEqual([
    'incoming/store=rome/a.csv',
    'incoming/store=rome/b.csv',
  ]);
  await expect(find(['store=paris/a.csv'], 'rome')).rejects.toThrow(
    'is in the folder of the store paris: omit --store rome, or move the file',
  );
  await expect(find(['store=são/a.csv'])).rejects.toThrow('"são" is not the name of a store');
});

test('a folder without such a file and a missing path are errors', async () => {
  await expect(find(['notes.md'])).rejects.toThrow(
    'has no file that ends with .csv, .tsv, .txt, .ndjson, .jsonl, .xlsx, .xlsm, .ods, .gz or .zip',
  );
  await expect(find(['a.csv'], undefined, 'b.csv')).rejects.toThrow('cannot be read');
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { COLUMNS, INDEX, UPLOAD_COLUMNS } from '../../../../lambdas/core/columns.ts';

/** Reads a file of the project with every run of blanks as one blank, and without the blank in `numeric(12, 2)`. */
const read = (path: string) =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
    .replace(/\s+/g, ' ')
    .replace(/\((\d+), (\d)\)/g, '($1,$2)');

const NAMES = COLUMNS.map(({ sqlName }) => sqlName);
const functions = read('sql/functions/insert_rows.sql');

test('fields, titles and names of columns are unique', () => {
  for (const names of [
    COLUMNS.map(({ field }) => field),
    COLUMNS.flatMap(({ titles }) => titles),
    NAMES,
    COLUMNS.map(({ batchName }) => batchName),
  ]) {
    expect(new Set<string>(names).size).toBe(names.length);
  }
});

test('titles are in lower case, since the titles of a file are compared in lower case', () => {
  for (const title of COLUMNS.flatMap(({ titles }) => titles)) expect(title).toBe(title.toLowerCase());
});

test('the index of a field is its place in the list', () => {
  COLUMNS.forEach(({ field }, index) => {
    expect(INDEX[field]).toBe(index);
  });
});

test('the columns of an upload in the usual order', () => {
  expect(UPLOAD_COLUMNS).toEqual([
    'id',
    'category',
    'description',
    'quantity',
    'amount_excl_tax',
    'amount_inc_tax',
  ]);
});

describe('SQL has the same columns in the same order:', () => {
  test('the tables', () => {
    const schema = readFileSync(new URL('../../../../sql/schema.sql', import.meta.url), 'utf8');
    for (const table of ['public.transactions', 'ledger.other_versions']) {
      const [, definition = ''] = schema.split(`CREATE TABLE ${table} (`);
      const columns = [...definition.split('\n);')[0]!.matchAll(/^ {2}([a-z_]+) ([a-z]+(?:\(12,\d\))?)/gm)];
      const rowColumns = columns.filter(([, name]) => NAMES.some((known) => known === name));
      expect(rowColumns.map(([, name, type]) => [name, type])).toEqual(
        COLUMNS.map(({ sqlName, sqlType }) => [sqlName, sqlType]),
      );
    }
  });

  test('reading the rows of a message', () => {
    const types = COLUMNS.map(({ sqlName, sqlType }) => `${sqlName} ${sqlType.replace(/\(.*/, '')}`);
    expect(functions).toContain(`RETURNS TABLE (${types.join(', ')}, line integer)`);
    for (const { batchName, sqlType, sqlName } of COLUMNS) {
      const quoted = /[A-Z]/.test(batchName) ? `"${batchName}"` : batchName;
      const type = sqlType.replace(/\(.*/, '');
      expect(functions).toContain(`unnest(c.${quoted}::${type}[]) AS ${sqlName}`);
      expect(functions).toContain(`${quoted} text,`);
    }
  });

  test('inserting rows and other versions', () => {
    expect(functions.split(`(${NAMES.join(', ')}, line, store_id, upload_id`)).toHaveLength(3);
  });

  test('comparing rows', () => {
    const compared = COLUMNS.filter(({ isCompared }) => isCompared).map(({ sqlName }) => sqlName);
    const list = (table: string) => compared.map((name) => `${table}.${name}`).join(', ');
    expect(functions).toContain(`(${list('t')}, t.store_id) IS DISTINCT FROM (${list('r')}, store)`);
  });
});

test('the data contract has a row for each column with its titles and its type', () => {
  const contract = read('docs/data-contract.md');
  for (const { sqlName, field, titles, sqlType, isRequired } of COLUMNS) {
    const accepted = titles.map((title) => `\`${title}\``).join(' or ');
    const otherwise = field === 'transactionDate' ? ', or the file name' : ', optional';
    const source = isRequired ? accepted : accepted + otherwise;
    expect(contract).toContain(`| \`${sqlName}\` | ${source} | \`${sqlType}\` |`);
  }
});

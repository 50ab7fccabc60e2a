import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadFile } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

const FILES = ['retail_history.csv', 'retail_15_03_2025.csv', 'retail_16_03_2025.csv'];
const QUESTION = /^([^\n]+\?[^\n]*)\n\n```sql\n([^`]+)```/gm;

const text = await readFile(new URL('../../docs/analytics.md', import.meta.url), 'utf8');
const questions = [...text.matchAll(QUESTION)].map(([, question, sql]) => [question!, sql!] as const);

let database: TestDatabase;
let analyst: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  const loader = await database.connectAs('retail_loader');
  for (const file of FILES) {
    const path = fileURLToPath(new URL(`../../samples/${file}`, import.meta.url));
    await loadFile(loader, `incoming/store=main/${file}`, await readFile(path));
  }
  analyst = await database.connectAs('retail_analyst');
});
afterAll(() => database?.drop());

test('the document contains questions', () => {
  expect(questions.length).toBeGreaterThanOrEqual(7);
});

test.each(questions)('the analyst receives an answer to: %s', async (question, sql) => {
  const { rows } = await analyst.query(sql);
  if (question.includes('failed')) expect(rows).toEqual([]);
  else expect(rows).not.toEqual([]);
});

test('the answer in the document is the one that the database returns', async () => {
  const [, sql] = questions[0]!;
  const { rows } = await analyst.query(sql);
  for (const row of rows) expect(text).toContain(`| ${Object.values(row).join(' | ')} |`);
});

test('the document describes every view and column as the database does, in its order and with its type', async () => {
  const columns = await database.rows<{
    view: string;
    about: string;
    name: string;
    type: string;
    comment: string;
  }>(
    `SELECT c.table_name AS view, obj_description(v.oid) AS about, c.column_name AS name,
            replace(c.data_type, ' without time zone', '') AS type, col_description(v.oid, c.ordinal_position) AS comment
     FROM information_schema.columns AS c
     JOIN pg_class AS v ON v.relnamespace = 'reporting'::regnamespace AND v.relname = c.table_name
     WHERE c.table_schema = 'reporting' ORDER BY c.table_name, c.ordinal_position`,
  );
  for (const [view, expected] of Map.groupBy(columns, (column) => column.view)) {
    const [heading = '', ...section] = text
      .split(`### reporting.${view}: `)[1]!
      .split('\n##')[0]!
      .split('\n');
    expect(asComment(heading), view).toBe(asComment(expected[0]!.about));
    const documented = [...section.join('\n').matchAll(/^\| `(\w+)` \| (\w+) \| (.+) \|$/gm)];
    expect(
      documented.map(([, name, type, meaning]) => [name, type, asComment(meaning!)]),
      view,
    ).toEqual(expected.map(({ name, type, comment }) => [name, type, asComment(comment)]));
  }
});

/** A description without Markdown, without its full stop and without its first capital letter. */
function asComment(description: string): string {
  const plain = description
    .replace(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .replaceAll('`', '')
    .replace(/\.$/, '');
  return plain[0]!.toLowerCase() + plain.slice(1);
}

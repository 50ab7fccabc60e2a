import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const ROOT = new URL('../', import.meta.url);

/** Makes the table of a mark. @param argument the text of the mark after its subject */
type MakeTable = (argument: string) => string;

/**
 * Replaces the tables of a document. A table is between two marks: `<!-- SUBJECT: ARGUMENT -->` and
 * `<!-- end of SUBJECT -->`.
 */
export function fillTables(text: string, subject: string, makeTable: MakeTable): string {
  const marked = new RegExp(`(<!-- ${subject}: (.*?) -->\\n)[^]*?(<!-- end of ${subject} -->)`, 'g');
  return text.replace(
    marked,
    (_, begin: string, argument: string, end: string) => `${begin}${makeTable(argument)}\n${end}`,
  );
}

/** Reads README.md and the Markdown files of docs/, by path. */
export function readDocuments(): Map<string, string> {
  const docs = readdirSync(new URL('docs/', ROOT)).filter((name) => name.endsWith('.md'));
  const paths = ['README.md', ...docs.map((name) => `docs/${name}`)];
  return new Map(paths.map((path) => [path, readFileSync(new URL(path, ROOT), 'utf8')]));
}

/** Writes the tables of a subject into all documents that have its marks. @returns the paths that changed */
export function writeTables(subject: string, makeTable: MakeTable): string[] {
  return [...readDocuments()].flatMap(([path, text]) => {
    const filled = fillTables(text, subject, makeTable);
    if (filled === text) return [];
    writeFileSync(new URL(path, ROOT), filled);
    return [path];
  });
}

import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../sql/queries/', import.meta.url);

/** A file of `sql/queries/`: what it answers and what it wants to know stand in its comment. */
export interface NamedQuery {
  readonly name: string;
  readonly description: string;
  readonly parameters: readonly { readonly name: string; readonly description: string }[];
  readonly sql: string;
}

export async function readNamedQueries(): Promise<NamedQuery[]> {
  const fileNames = (await readdir(fileURLToPath(FOLDER)))
    .filter((fileName) => fileName.endsWith('.sql'))
    .sort();
  return Promise.all(
    fileNames.map(async (fileName) => {
      const sql = await readFile(new URL(fileName, FOLDER), 'utf8');
      const comments = [...sql.matchAll(/^-- (.*)$/gm)].map((match) => match[1]!);
      const parameters = [...sql.matchAll(/^-- @param (\w+) (.*)$/gm)].map(([, name, description]) => ({
        name: name!,
        description: description!,
      }));
      const description = comments.filter((comment) => !comment.startsWith('@param')).join(' ');
      return { name: fileName.slice(0, -'.sql'.length), description, parameters, sql };
    }),
  );
}

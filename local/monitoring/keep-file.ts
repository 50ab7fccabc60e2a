import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Keeps what a service would send as a separate file. The names are in the order of time. @returns its id */
export async function keepFile(folder: string, content: object): Promise<string> {
  const id = randomUUID();
  const time = new Date().toISOString().replaceAll(':', '-');
  await writeFile(join(folder, `${time}-${id}.json`), `${JSON.stringify(content, null, 2)}\n`, {
    mode: 0o600,
  });
  return id;
}

import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const lambdas = fileURLToPath(new URL('../../lambdas', import.meta.url));

/** The folder of each function under `lambdas/`, such as `load`, in the order of the alphabet. */
export const FUNCTION_FOLDERS = readdirSync(lambdas)
  .filter((folder) => existsSync(`${lambdas}/${folder}/index.ts`))
  .sort();

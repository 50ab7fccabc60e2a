import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const lambdas = fileURLToPath(new URL('../../lambdas', import.meta.url));

/** Functions of the API, which a stage with the settings of cdk.json does not have. */
const API_FOLDERS = ['api', 'authorize', 'collect'];

/** The folder of each function under `lambdas/`, such as `load`, in the order of the alphabet. */
export const FUNCTION_FOLDERS = readdirSync(lambdas)
  .filter((folder) => !API_FOLDERS.includes(folder) && existsSync(`${lambdas}/${folder}/index.ts`))
  .sort();

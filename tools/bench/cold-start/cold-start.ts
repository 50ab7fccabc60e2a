import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FunctionModel } from '../../../local/assembly/cloud-model.ts';
import { readCloudModel } from '../../../local/assembly/read-cloud-model.ts';
import { entryPointOf, functionEnvironment } from '../../../local/functions/function-environment.ts';
import { round } from '../numbers.ts';
import type { ColdStart, FunctionStart } from '../results.ts';
import type { Setting } from '../setting.ts';
import { readBundle } from './bundle-contents.ts';
import { type InitTime, timeInit } from './init-time.ts';

/** Nobody listens there: a function that starts asks for nothing. */
const ENDPOINT = 'http://127.0.0.1:9';
const LARGEST_PACKAGES = 8;

/** How large each function's bundle is, what is in it, and how long it takes to load. */
export async function measureColdStart(setting: Setting, runs: number): Promise<ColdStart> {
  await setting.stopCloud();
  const { functions } = await readCloudModel(await setting.assemblyDir(), ENDPOINT);
  const emptyModule = join(setting.dir, 'empty.mjs');
  await writeFile(emptyModule, 'export const handler = async () => undefined;\n');
  const empty = await timeInit(emptyModule, environmentOf(functions[0]!), runs);
  const starts: FunctionStart[] = [];
  for (const model of functions) {
    starts.push(await measureStart(model, empty, runs));
    setting.note(`${starts.at(-1)!.name}: ${starts.at(-1)!.initMilliseconds} ms`);
  }
  return {
    ...setting.measured(),
    runs,
    emptyModuleMilliseconds: round(empty.elapsedMilliseconds, 10),
    functions: starts.sort((one, two) => one.name.localeCompare(two.name)),
  };
}

async function measureStart(model: FunctionModel, empty: InitTime, runs: number): Promise<FunctionStart> {
  const name = model.environment.POWERTOOLS_SERVICE_NAME!;
  const { modulePath } = entryPointOf(model)!;
  const { size } = await stat(modulePath);
  const { bytes, packages } = await readBundle(name);
  // Else the packages would be those of another bundle.
  if (bytes !== size) throw new Error(`the bundle of ${name} has ${size} bytes, and a new one ${bytes}`);
  const init = await timeInit(modulePath, environmentOf(model), runs);
  return {
    name,
    bundleKiB: round(size / 1_024, 10),
    initMilliseconds: round(init.elapsedMilliseconds - empty.elapsedMilliseconds, 10),
    initProcessorMilliseconds: round(init.processorMilliseconds - empty.processorMilliseconds, 10),
    largestPackages: packages
      .slice(0, LARGEST_PACKAGES)
      .map((part) => ({ name: part.name, kiB: round(part.bytes / 1_024, 10) })),
  };
}

function environmentOf(model: FunctionModel): NodeJS.ProcessEnv {
  const access = { endpoint: ENDPOINT, accessKey: model.name, sessionToken: 'bench' };
  const { NODE_OPTIONS } = model.environment;
  return { PATH: process.env.PATH, ...functionEnvironment(model, access), NODE_OPTIONS };
}

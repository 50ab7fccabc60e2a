import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionModel } from '../assembly/readers/function-readers.ts';
import { REGION } from '../assembly/template.ts';

/** Endpoint and credentials with which one copy of a function calls the gateway. */
export interface FunctionAccess {
  readonly endpoint: string;
  readonly secretAccessKey: string;
  /** Identifies the copy to the gateway. */
  readonly sessionToken: string;
}

/** Variables that Lambda sets (Lambda developer guide, "Defined runtime environment variables"), and the endpoint. */
export function functionEnvironment(
  { name, memoryMiB, bundleDir, handler, environment }: FunctionModel,
  { endpoint, secretAccessKey, sessionToken }: FunctionAccess,
): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _isGivenAsArguments, ...own } = environment;
  return {
    ...own,
    // Identifies the function to the gateway.
    AWS_ACCESS_KEY_ID: name,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ENDPOINT_URL: endpoint,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMiB),
    AWS_LAMBDA_FUNCTION_VERSION: '1',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    LAMBDA_TASK_ROOT: bundleDir,
    _HANDLER: handler,
    TZ: ':UTC',
  };
}

/** Size of the young generation, three semi-spaces, if the function's own options limit them. */
export function youngGenerationMiB({ environment }: FunctionModel): number | undefined {
  const [, semiSpaceMiB] = /--max-semi-space-size=(\d+)/.exec(environment.NODE_OPTIONS ?? '') ?? [];
  return semiSpaceMiB === undefined ? undefined : 3 * Number(semiSpaceMiB);
}

/** Finds the file and the export of a handler. @throws {Error} if the bundle has no such file */
export function entryPointOf({ name, handler, bundleDir }: FunctionModel) {
  const [file = '', exportName = ''] = handler.split('.');
  const modulePath = ['.mjs', '.js'].map((ending) => join(bundleDir, file + ending)).find(existsSync);
  if (modulePath === undefined) throw new Error(`${name} has no ${file} in ${bundleDir}`);
  return { modulePath, exportName };
}

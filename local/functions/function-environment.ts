import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionModel } from '../assembly/cloud-model.ts';
import { REGION } from '../assembly/template.ts';

/** Whose credentials a copy of a function has, and where it finds AWS. */
export interface FunctionAccess {
  readonly endpoint: string;
  /** By which the gateway knows the function. */
  readonly accessKey: string;
  /** By which it knows the copy. */
  readonly sessionToken: string;
}

/** What Lambda sets (Lambda developer guide, "Defined runtime environment variables"), and where AWS is. */
export function functionEnvironment(
  { name, memoryMiB, bundleDir, handler, environment }: FunctionModel,
  { endpoint, accessKey, sessionToken }: FunctionAccess,
): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _isGivenAsArguments, ...own } = environment;
  return {
    ...own,
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: 'local',
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

/** The largest young generation: three semi-spaces, where the function's own options limit them. */
export function youngGenerationMiB({ environment }: FunctionModel): number | undefined {
  const [, semiSpaceMiB] = /--max-semi-space-size=(\d+)/.exec(environment.NODE_OPTIONS ?? '') ?? [];
  return semiSpaceMiB === undefined ? undefined : 3 * Number(semiSpaceMiB);
}

/** Where a function begins. @returns undefined where its bundle has no such file */
export function entryPointOf({ handler, bundleDir }: FunctionModel): EntryPoint | undefined {
  const [file = '', exportName = ''] = handler.split('.');
  const modulePath = ['.mjs', '.js']
    .map((ending) => join(bundleDir, file + ending))
    .find((path) => existsSync(path));
  return modulePath === undefined ? undefined : { modulePath, exportName };
}

export interface EntryPoint {
  readonly modulePath: string;
  readonly exportName: string;
}

import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LocalProject } from '../local/cloud-options.ts';

/** This project, as the local cloud runs it. */
export const LOCAL_PROJECT: LocalProject = {
  dir: fileURLToPath(new URL('..', import.meta.url)),
  app: 'bin/app.ts',
  sources: [
    'bin/app.ts',
    'cdk.json',
    'console',
    'docs/runbook.md',
    'lambdas',
    'lib',
    'package-lock.json',
    'profiles',
    'sql',
  ],
  // The local cloud evaluates the alarms, which cost nothing here.
  settings: { 'retail:monitoring': true },
  leftOutStacks: {
    RetailAnalytics: 'QuickSight, the Data Catalog and Athena: analysts query PostgreSQL directly',
    RetailBackupCopy: 'copies in another region',
    RetailDeployer: 'deployments from GitHub',
  },
  databaseUser: 'retail_analyst',
  signInAdvice: 'In a terminal, run "retail console", and open the link that it prints.',
  functionNameVariable: 'POWERTOOLS_SERVICE_NAME',
};

/** Returns the data directory of commands without the option. */
export function defaultDataDir(): string {
  return process.env.RETAIL_DATA_DIR ?? join(LOCAL_PROJECT.dir, '.retail');
}

/** Returns the options with which a command uses a data directory. */
export function dataDirFlags(dataDir: string): string[] {
  const path = resolve(dataDir);
  return path === resolve(defaultDataDir()) ? [] : ['--data-dir', path];
}

import type { TestProject } from 'vitest/node';
import { CHROMIUM } from '../../tools/chromium.ts';
import startCloudTests from '../cloud/global-setup.ts';

/** Does what the tests of the local cloud need, where there is a browser. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (CHROMIUM !== undefined) return startCloudTests(project);
  console.warn(
    'The browser tests are skipped: no Chromium was found. Install it (Debian: apt-get install chromium), ' +
      'or give its path in the environment variable CHROMIUM.',
  );
  return async () => undefined;
}

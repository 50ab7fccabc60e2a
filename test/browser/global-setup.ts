import type { TestProject } from 'vitest/node';
import { CHROMIUM } from '../../tools/chromium.ts';
import startCloudTests from '../cloud/global-setup.ts';
import { FIREFOX, WEBKIT } from './engines.ts';

const BROWSERS = [
  { name: 'Chromium', program: CHROMIUM, packages: 'chromium' },
  { name: 'Firefox', program: FIREFOX, packages: 'firefox-esr' },
  { name: 'WebKitGTK', program: WEBKIT, packages: 'webkit2gtk-driver xvfb' },
];

/** Does what the tests of the local cloud need, where there is a browser. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  for (const { name, program, packages } of BROWSERS) {
    if (program === undefined)
      console.warn(
        `The tests in ${name} are skipped: it was not found (Debian: apt-get install ${packages}).`,
      );
  }
  if (CHROMIUM === undefined) console.warn('The environment variable CHROMIUM can give its path.');
  const hasBrowser = BROWSERS.some(({ program }) => program !== undefined);
  return hasBrowser ? startCloudTests(project) : async () => undefined;
}

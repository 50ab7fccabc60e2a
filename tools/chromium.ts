import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ELSEWHERE = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Chromium: the program that the variable CHROMIUM names, or one with a common name. Without one, tests are skipped. */
export const CHROMIUM = process.env.CHROMIUM || findProgram(NAMES, ELSEWHERE);

export function launchChromium(options: Pick<LaunchOptions, 'slowMo'> = {}): Promise<Browser> {
  // A container runs its browser as root, for whom Chromium has no sandbox.
  const args = ['--no-sandbox', '--disable-dev-shm-usage'];
  return chromium.launch({ ...options, executablePath: CHROMIUM!, args });
}

/** Finds the first program that exists. @param elsewhere paths outside of PATH */
export function findProgram(names: readonly string[], elsewhere: readonly string[] = []): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...candidates, ...elsewhere].find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

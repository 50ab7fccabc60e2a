import type { ComponentType } from 'preact';
import type { Route, ScreenName } from '../router.ts';
import { Drop } from './drop.tsx';

export type Screen = ComponentType<{ readonly route: Route }>;

interface ScreenEntry {
  /** Name of the browser's tab. */
  readonly title: string;
  /** Loads the code of the screen: a separate file, except that of the first screen, which is part of the page. */
  readonly load: () => Promise<Screen>;
}

export const SCREENS: Readonly<Record<ScreenName, ScreenEntry>> = {
  drop: { title: 'Send', load: async () => Drop },
  files: { title: 'Files', load: async () => (await import('./files.tsx')).Files },
  upload: { title: 'File', load: async () => (await import('./upload.tsx')).Upload },
  fix: { title: 'Correct', load: async () => (await import('./fix.tsx')).Fix },
  numbers: { title: 'Numbers', load: async () => (await import('./numbers.tsx')).Numbers },
  days: { title: 'Days', load: async () => (await import('./days.tsx')).Days },
  operations: { title: 'Operations', load: async () => (await import('./operations.tsx')).Operations },
};

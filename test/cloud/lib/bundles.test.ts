import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { REPLACED_PACKAGE } from '../../../lib/pipeline/function.ts';

test('no bundle contains a package that a module of the project replaces', () => {
  const assemblyDir = inject('assemblyDir');
  const files = readdirSync(assemblyDir, { recursive: true, encoding: 'utf8' });
  const maps = files.filter((file) => file.endsWith('index.mjs.map'));
  expect(maps.length).toBeGreaterThan(0);
  for (const map of maps) {
    const { sources } = JSON.parse(readFileSync(join(assemblyDir, map), 'utf8')) as { sources: string[] };
    expect(sources.filter((source) => source.includes(`node_modules/${REPLACED_PACKAGE}/`))).toEqual([]);
    expect(sources.some((source) => source.endsWith('lambdas/shared/environment-credentials.ts'))).toBe(true);
  }
});

test('only the parser contains the library that reads CSV', () => {
  const assemblyDir = inject('assemblyDir');
  const files = readdirSync(assemblyDir, { recursive: true, encoding: 'utf8' });
  const maps = files
    .filter((file) => file.endsWith('index.mjs.map'))
    .map(
      (file) => (JSON.parse(readFileSync(join(assemblyDir, file), 'utf8')) as { sources: string[] }).sources,
    );
  const readers = maps.filter((sources) => sources.some((source) => source.includes('/papaparse/')));
  expect(readers).toHaveLength(1);
  expect(readers[0]).toContainEqual(expect.stringMatching(/lambdas\/parse\/index\.ts$/));
});

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, inject, test } from 'vitest';
import { DEFAULT_RULES, type RulesDocument, rulesFor } from '../../../lambdas/core/rules.ts';
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

test('the API has the console beside its code, in compressed files, and no other function has', () => {
  const assemblyDir = inject('assemblyDir');
  const files = readdirSync(assemblyDir, { recursive: true, encoding: 'utf8' });
  const [index, ...others] = files.filter((file) => file.endsWith('/console/index.html.gz'));
  expect(others).toEqual([]);
  const folder = dirname(join(assemblyDir, index!));
  expect(readFileSync(join(folder, '../index.mjs.map'), 'utf8')).toContain('lambdas/api/index.ts');
  const names = readdirSync(folder);
  const html = gunzipSync(readFileSync(join(folder, 'index.html.gz'))).toString();
  for (const [, name] of html.matchAll(/(?:src|href)="([^"]+)"/g)) expect(names).toContain(`${name}.gz`);
  expect(
    names.filter((name) => !/^(index\.html|[\w-]+-[0-9A-Za-z]{8}\.(js|css|svg))\.gz$/.test(name)),
  ).toEqual([]);
});

test('the parser and the API have the rules of the stores beside their code, and no other function has', () => {
  const assemblyDir = inject('assemblyDir');
  const files = readdirSync(assemblyDir, { recursive: true, encoding: 'utf8' });
  const assets = files.filter((file) => file.endsWith('/rules.json')).map((file) => dirname(file));
  const folders = assets.map((asset) => {
    const document = JSON.parse(
      readFileSync(join(assemblyDir, asset, 'rules.json'), 'utf8'),
    ) as RulesDocument;
    expect(rulesFor(document, 'main')).toEqual(DEFAULT_RULES);
    const map = readFileSync(join(assemblyDir, asset, 'index.mjs.map'), 'utf8');
    return /lambdas\/(\w+)\/index\.ts/.exec(map)![1];
  });
  expect(folders.sort()).toEqual(['api', 'parse']);
});

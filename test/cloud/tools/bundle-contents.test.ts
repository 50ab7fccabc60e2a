import { statSync } from 'node:fs';
import { expect, inject, test } from 'vitest';
import { readCloudModel } from '../../../local/assembly/read-cloud-model.ts';
import { entryPointOf } from '../../../local/functions/function-environment.ts';
import { contentsOf, readBundle } from '../../../tools/bench/cold-start/bundle-contents.ts';

test('a bundle is read as it is deployed: it has as many bytes', async () => {
  const { functions } = await readCloudModel(inject('assemblyDir'), 'http://127.0.0.1:9');
  const consumer = functions.find(({ environment }) => environment.POWERTOOLS_SERVICE_NAME === 'load')!;
  const { bytes, packages } = await readBundle('load');
  expect(bytes).toBe(statSync(entryPointOf(consumer)!.modulePath).size);
  expect(packages.map(({ name }) => name)).toContain('@aws-sdk/client-rds-data');
});

test('bytes are summed by package, the largest first', () => {
  const input = (bytesInOutput: number) => ({ bytesInOutput });
  const output = {
    bytes: 60,
    inputs: {
      'lambdas/core/money.ts': input(10),
      'node_modules/one/node_modules/@two/three/a.js': input(20),
      'node_modules/@two/three/b.js': input(30),
    },
    imports: [],
    exports: [],
  };
  expect(contentsOf({ outputs: { 'index.mjs': output } })).toEqual({
    bytes: 60,
    packages: [
      { name: '@two/three', bytes: 50 },
      { name: 'lambdas/core', bytes: 10 },
    ],
  });
});

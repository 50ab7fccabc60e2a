import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { TestCloud } from './test-cloud.ts';

/** The assembly as it would be with a mistake in `lib/`: the templates' text with something taken out. */
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'retail-test-wrong-'));
  await cp(inject('assemblyDir'), dir, { recursive: true });
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function change(from: string | RegExp, to: string): Promise<void> {
  const file = join(dir, 'RetailPipeline.template.json');
  const before = await readFile(file, 'utf8');
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  await writeFile(file, after);
}

async function dropOneFile(): Promise<unknown> {
  const cloud = await TestCloud.start(dir);
  try {
    return await cloud.load('incoming/store=main/retail_01_01_2024.csv', 'id\n');
  } finally {
    await cloud.stop();
  }
}

test.each([
  ['s3:GetObjectVersion', '"s3:GetObjectVersion"', '"s3:GetObjectAcl"'],
  ['sqs:SendMessage', /"sqs:SendMessage"(?=,\s*"Effect": "Allow",\s*"Resource": \[)/g, '"sqs:TagQueue"'],
  ['rds-data:ExecuteStatement', '"rds-data:ExecuteStatement"', '"rds-data:BatchExecuteStatement"'],
])('a role without %s fails, and the failure names the action', async (action, from, to) => {
  await change(from, to);
  await expect(dropOneFile()).rejects.toThrow(action);
});

test('a function without an environment variable fails, and the failure names the variable', async () => {
  await change(/"ROW_QUEUE_URL": \{[^}]*\},(?=\s*"TAX_PERCENT")/, '');
  await expect(dropOneFile()).rejects.toThrow('missing environment variable ROW_QUEUE_URL');
});

test('a queue that does not let S3 send refuses the notification', async () => {
  await change('"Service": "s3.amazonaws.com"', '"Service": "sns.amazonaws.com"');
  await expect(dropOneFile()).rejects.toThrow(
    's3.amazonaws.com is not authorized to perform: sqs:SendMessage',
  );
});

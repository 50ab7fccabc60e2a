import { expect, test } from 'vitest';
import { changedAssembly } from '../../cloud/end-to-end/changed-assembly.ts';
import { TestCloud } from '../../support/test-cloud.ts';

/** Drops a file where the assembly is as it would be with a mistake in `lib/`. */
async function dropOneFile(from: string | RegExp, to: string): Promise<unknown> {
  const cloud = await TestCloud.start(await changedAssembly([[from, to]]));
  try {
    return await cloud.load('incoming/store=main/retail_01_01_2024.csv', 'id\n');
  } finally {
    await cloud.stop();
  }
}

test.each([
  ['s3:GetObjectVersion', '"s3:GetObjectVersion"', '"s3:GetObjectAcl"'],
  ['sqs:SendMessage', /"sqs:SendMessage"(?=,\s*"Effect": "Allow",\s*"Resource": \[)/g, '"sqs:TagQueue"'],
  // The loader's: the migrator would try for a minute, in which a new permission may not be in effect yet.
  [
    'rds-data:ExecuteStatement',
    /("LoadFunctionRoleDefaultPolicy\w+": \{.*?)"rds-data:ExecuteStatement"/s,
    '$1"rds-data:BatchExecuteStatement"',
  ],
])('a role without %s fails, and the failure names the action', async (action, from, to) => {
  await expect(dropOneFile(from, to)).rejects.toThrow(action);
});

test('a function without an environment variable fails, and the failure names the variable', async () => {
  const variable = /"ROW_QUEUE_URL": \{[^}]*\},(?=\s*"NODE_OPTIONS")/;
  await expect(dropOneFile(variable, '')).rejects.toThrow('ROW_QUEUE_URL is missing');
});

test('a queue that does not let S3 send refuses the notification', async () => {
  await expect(
    dropOneFile('"Service": "s3.amazonaws.com"', '"Service": "sns.amazonaws.com"'),
  ).rejects.toThrow('s3.amazonaws.com is not authorized to perform: sqs:SendMessage');
});

import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { openBucket } from '../../../cli/commands/watch.ts';
import { LOCK_NAME } from '../../../cli/watch/folder.ts';
import { uploaderPolicyOutput } from '../../../lambdas/shared/stacks.ts';
import { FileLock } from '../../../local/file-lock.ts';
import { accessKeyOf } from '../../../local/iam/access-control.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';
import { runInProcess } from './run-in-process.ts';

const temporary = temporaryDir();
const watch = (folder: string, ...options: string[]) =>
  runInProcess(['watch', folder, '--data-dir', temporaryDir(), ...options]);

test.each([
  ['without a store', [], /required option '--store <name>'/],
  ['with a stage', ['--store', 'main', '--stage', 'prod'], /Name the bucket of the stage with --bucket/],
  ['with a time that is not a number', ['--store', 'main', '--settle', 'soon'], /whole number from 1/],
])('watch %s is wrong usage', async (_, options, message) => {
  expect(await watch(temporaryDir(), ...options)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(message),
  });
});

test('watch of a folder that does not exist does not create it', async () => {
  const { code, stderr } = await watch(join(temporaryDir(), 'mistyped'), '--store', 'main');
  expect([code, stderr]).toEqual([1, expect.stringMatching(/mistyped cannot be used: ENOENT/)]);
});

test('watch of a folder that another watch uses is refused', async () => {
  const folder = temporaryDir();
  const lock = FileLock.acquire(join(folder, LOCK_NAME))!;
  const { code, stderr } = await watch(folder, '--store', 'main');
  lock.release();
  expect([code, stderr]).toEqual([1, expect.stringMatching(/another "retail watch" uses the folder/)]);
});

test('watch without a running cloud and without a bucket says what to do', async () => {
  const { code, stderr } = await watch(temporaryDir(), '--store', 'main');
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/retail up --data-dir \S+", or name a bucket on AWS with --bucket/),
  ]);
});

test('watch follows the local cloud to another port after a restart', async () => {
  const dataDir = temporary;
  const met: string[] = [];
  const servers = await Promise.all(
    ['first', 'second'].map(async (name) => {
      const server = createServer((request, response) => {
        request.resume();
        met.push(name);
        response.end();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const publish = (index: number) => {
    const { port } = servers[index]!.address() as AddressInfo;
    const output = uploaderPolicyOutput('main');
    const running = {
      endpoint: `http://127.0.0.1:${port}`,
      outputs: { [output]: 'arn:aws:iam::000000000000:policy/main', UploadBucketName: 'bucket' },
      accessKeys: { [accessKeyOf('main')]: 'secret' },
    };
    writeFileSync(join(dataDir, 'running.json'), JSON.stringify(running));
  };
  publish(0);
  const { bucket, connection } = openBucket({ store: 'main', dataDir });
  const s3 = new S3Client({ ...connection, forcePathStyle: true });
  const put = () => s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'a.csv', Body: 'id' }));
  await put();
  rmSync(join(dataDir, 'running.json'));
  await put();
  publish(1);
  await put();
  expect(met).toEqual(['first', 'first', 'second']);
  s3.destroy();
  for (const server of servers) server.close();
});

import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uploaderPolicyOutput } from '../../../lambdas/shared/stacks.ts';
import { DataDirectory } from '../../../local/data-directory.ts';
import { accessKeyOf } from '../../../local/iam/access-control.ts';
import { runRetail, startRetail, startUp } from '../../support/run-retail.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax\n';
const row = (number: number, tax = '1.20') =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')},SELL,Soap,1,1.00,${tax}\n`;

let dir: string;
let dataDir: string;
let folder: string;
let up: Awaited<ReturnType<typeof startUp>>;
let watching: ReturnType<typeof startRetail> | undefined;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'retail-watch-'));
  [dataDir, folder] = [join(dir, 'data'), await mkdtemp(join(dir, 'shop-'))];
  up = await startUp(dataDir);
});
afterAll(async () => {
  watching?.child.kill('SIGKILL');
  up?.child.kill('SIGINT');
  await up?.outcome;
  await rm(dir, { recursive: true, force: true });
});

function watch() {
  watching = startRetail(['watch', folder, '--store', 'main', '--settle', '1', '--data-dir', dataDir]);
  return watching;
}
const list = async (path: string) => (await readdir(join(folder, path)).catch(() => [])).sort();
const retail = (...args: string[]) => runRetail(...args, '--data-dir', dataDir);
const uploads = async () =>
  JSON.parse((await retail('uploads', '--json')).stdout).uploads as {
    readonly key: string;
    readonly storeId: string;
    readonly rowsInserted: number;
  }[];

test('saved files move with their receipts, also after kill -9 between upload and move', async () => {
  const first = watch();
  await writeFile(join(folder, 'retail_01_06_2024.csv'), HEADER + row(1) + row(2));
  await writeFile(join(folder, 'retail_02_06_2024.csv'), HEADER + row(3) + row(4, '9.99'));
  const uploaded = Promise.withResolvers<void>();
  let noted = '';
  first.child.stderr!.on('data', (data) => {
    noted += data;
    if (noted.includes('uploaded: ')) uploaded.resolve();
  });
  await uploaded.promise;
  first.child.kill('SIGKILL');
  await first.outcome;

  const second = watch();
  const done = 'retail_01_06_2024.csv';
  const wrong = 'retail_02_06_2024.csv';
  await expect.poll(() => list('sent'), { timeout: 60_000 }).toEqual([done, `${done}.receipt.txt`]);
  await expect.poll(() => list('problems'), { timeout: 60_000 }).toEqual([wrong, `${wrong}.receipt.txt`]);
  const receipt = await readFile(join(folder, 'problems', `${wrong}.receipt.txt`), 'utf8');
  expect(receipt).toContain('1 to correct');
  expect(receipt).toContain('amount_inc_tax');

  await writeFile(join(folder, 'problems', wrong), HEADER + row(3) + row(4));
  await rename(join(folder, 'problems', wrong), join(folder, wrong));
  await expect.poll(() => list('sent'), { timeout: 60_000 }).toContain(wrong);
  second.child.kill('SIGINT');
  const { code, stdout, stderr } = await second.outcome;
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('Stopped.\n') });
  expect(stdout).toContain(`Your file arrived: ${wrong}, 2 rows → sent/${wrong}`);

  const found = await uploads();
  expect(
    found.map(({ key, storeId, rowsInserted }) => [key.split('/').at(-1), storeId, rowsInserted]),
  ).toEqual([
    [done, 'main', 2],
    [wrong, 'main', 1],
    [wrong, 'main', 1],
  ]);
  expect((await retail('verify')).code).toBe(0);
}, 240_000);

test('with a bucket it uses the credentials of the environment, and names the policy that is missing', async () => {
  const { endpoint, outputs, accessKeys } = new DataDirectory(dataDir).readRunning()!;
  const id = accessKeyOf(outputs[uploaderPolicyOutput('main')]!.split('/').at(-1)!);
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: accessKeys[id]!,
  };
  const args = ['watch', folder, '--bucket', outputs.UploadBucketName!, '--settle', '1', '--store'];
  await writeFile(join(folder, 'retail_03_06_2024.csv'), HEADER + row(5));
  const denied = await startRetail([...args, 'oslo'], env).outcome;
  expect([denied.code, denied.stderr]).toEqual([1, expect.stringContaining('UploaderPolicyArnoslo')]);
  watching = startRetail([...args, 'main'], env);
  await expect.poll(() => list('sent'), { timeout: 60_000 }).toContain('retail_03_06_2024.csv');
  watching.child.kill('SIGTERM');
  expect((await watching.outcome).code).toBe(0);
}, 120_000);

test('a store without a policy is refused', async () => {
  const { code, stderr } = await retail('watch', folder, '--store', 'nowhere');
  expect([code, stderr]).toEqual([1, expect.stringContaining('the stage has no store nowhere')]);
}, 60_000);

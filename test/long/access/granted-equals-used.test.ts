import { cp, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { LOCAL_PROJECT } from '../../../cli/local-project.ts';
import { synthesize } from '../../../local/assembly/synthesize.ts';
import { AccessControl, type HeldGrant } from '../../../local/iam/access-control.ts';
import { exercise } from '../../../tools/access/exercise.ts';
import { findUnused, formatGrants } from '../../../tools/access/report.ts';
import { shortenAssembly } from '../../../tools/assembly.ts';
import { FUNCTION_FOLDERS } from '../../support/function-folders.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const parent = temporaryDir();
const TIMEOUT_MILLISECONDS = 300_000;
const textOf = ({ holder, action, resource }: HeldGrant) => `${holder} ${action} ${resource}`;

/** Everything of a stage in use. @param prepare puts its assembly into a folder */
async function grantsOf(prepare: (assemblyDir: string) => Promise<void>): Promise<HeldGrant[]> {
  const dir = await mkdtemp(join(parent, 'access-'));
  const assemblyDir = join(dir, 'assembly');
  await prepare(assemblyDir);
  await shortenAssembly(assemblyDir);
  return exercise(assemblyDir, join(dir, 'data'));
}

test(
  'stage dev: every grant of every function is used, and each function has its own role',
  async () => {
    const grants = await grantsOf((dir) => cp(inject('assemblyDir'), dir, { recursive: true }));
    expect(findUnused(grants).map(textOf)).toEqual([]);
    const holders = new Set(
      grants.map(({ holder }) => holder).filter((holder) => holder.includes(':lambda:')),
    );
    for (const name of FUNCTION_FOLDERS) {
      expect(
        [...holders].filter((holder) => holder.includes(name)),
        name,
      ).toHaveLength(1);
    }
    expect(holders.size).toBe(FUNCTION_FOLDERS.length);
  },
  TIMEOUT_MILLISECONDS,
);

test(
  'stage prod with its own key: every grant is used',
  async () => {
    const grants = await grantsOf((dir) =>
      synthesize(LOCAL_PROJECT, dir, { stage: 'prod', 'retail:stores': 'main' }),
    );
    expect(findUnused(grants).map(textOf)).toEqual([]);
    const withKey = grants.filter(({ action, isUsed }) => isUsed && action === 'kms:Decrypt');
    const holders = withKey.map(({ holder }) => holder).filter((holder) => holder.includes(':lambda:'));
    for (const name of FUNCTION_FOLDERS) expect(holders.join(), name).toContain(name);
  },
  TIMEOUT_MILLISECONDS,
);

test('an unused grant is found and marked in the table', () => {
  const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:queue';
  const access = new AccessControl(() => undefined);
  const statement = {
    Effect: 'Allow',
    Action: ['sqs:SendMessage', 'sqs:PurgeQueue'],
    Resource: QUEUE,
  } as const;
  access.addCaller('consumer', { arn: 'consumer', kind: 'function', statements: [statement] });
  access.authorize(access.findCaller('consumer')!, 'sqs:SendMessage', QUEUE);
  expect(findUnused(access.grants()).map(textOf)).toEqual([`consumer sqs:PurgeQueue ${QUEUE}`]);
  expect(formatGrants(access.grants())).toMatch(/sqs:PurgeQueue +sqs queue +NO/);
});

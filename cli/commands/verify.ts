import { listUploads } from '../../lambdas/shared/list-uploads.ts';
import type { CreatedObject } from '../../lambdas/shared/upload-message.ts';
import {
  checkLedger,
  type Difference,
  findReplayLosses,
  findStuckUploads,
} from '../../lambdas/shared/verification.ts';
import type { CloudClient } from '../cloud-client.ts';
import type { CommandSpec, CommonOptions } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printJson } from '../output/console.ts';
import { formatNumber } from '../output/table.ts';

/** Time without progress after which a loading upload is a difference. */
const STUCK_AFTER_SECONDS = 3_600;

export const VERIFY: CommandSpec<CommonOptions> = {
  name: 'verify',
  description: 'check that every row is accounted for, in the bucket, the ledger and the table',
  help: `A file that was uploaded a moment ago may not be in the ledger yet: run the
command again. "retail replay KEY" sends a file that is not in the
ledger through the pipeline.`,
  async run(_args, options, { io, withCloud }) {
    const { uploads, objects, loading, differences, warnings } = await withCloud(options, verify);
    if (options.json) printJson({ uploads, objects, loading, differences, warnings }, io);
    else {
      for (const { key, uploadId, text } of differences) {
        io.print(`${key || uploadId || 'transactions'}: ${text}`);
      }
      const result =
        differences.length === 0
          ? 'every row is accounted for'
          : `${formatNumber(differences.length)} differences`;
      io.print(
        `Checked ${formatNumber(uploads)} uploads and ${formatNumber(objects)} object versions: ${result}.`,
      );
      for (const { key, text } of warnings) io.note(`Warning: ${key}: ${text}.`);
      if (loading > 0) io.note(`${formatNumber(loading)} uploads are still loading.`);
    }
    return differences.length === 0 ? EXIT.done : EXIT.failed;
  },
};

/** Compares the ledger with its parts and the table, and the bucket with the ledger. Changes nothing. */
async function verify(client: CloudClient) {
  const query = client.rows.bind(client);
  const { uploadsChecked: uploads, differences } = await checkLedger(query, '-infinity');
  const stuck = await findStuckUploads(query, STUCK_AFTER_SECONDS);
  const { parserRevision } = client.access.outputs;
  const { lost, endangered } = await findReplayLosses(query, '-infinity', parserRevision);
  const missing: Difference[] = [];
  let objects = 0;
  for await (const page of listUploads(client.s3, client.bucket)) {
    objects += page.objects.length;
    for (const { key, versionId, receivedAt } of await findUnknown(client, page.objects)) {
      const text = `version ${versionId}, uploaded ${receivedAt}, is not in the ledger`;
      missing.push({ uploadId: '', key, text });
    }
  }
  const [open] = await client.query(`SELECT count(*) AS count FROM ledger.uploads WHERE status = 'loading'`);
  const all = [...differences, ...lost, ...stuck.differences, ...missing];
  return { uploads, objects, loading: Number(open?.count), differences: all, warnings: endangered };
}

async function findUnknown(client: CloudClient, objects: readonly CreatedObject[]): Promise<CreatedObject[]> {
  const rows = await client.query(
    `SELECT o."versionId" FROM json_to_recordset(CAST(:objects AS json)) AS o (key text, "versionId" text)
     WHERE NOT EXISTS (
       SELECT FROM ledger.uploads AS u
       WHERE u.bucket = :bucket AND u.object_key = o.key AND u.version_id = o."versionId")`,
    {
      objects: JSON.stringify(objects.map(({ key, versionId }) => ({ key, versionId }))),
      bucket: client.bucket,
    },
  );
  const unknown = new Set(rows.map(({ versionId }) => versionId));
  return objects.filter(({ versionId }) => unknown.has(versionId));
}

import { plural } from '../../lambdas/core/plural.ts';
import { listUploads } from '../../lambdas/shared/list-uploads.ts';
import { findLostReceipts } from '../../lambdas/shared/lost-receipts.ts';
import type { CreatedObject } from '../../lambdas/shared/upload-message.ts';
import {
  checkLedger,
  type Difference,
  FIRST_UPLOAD_ID,
  findReplayLosses,
  findStuckUploads,
} from '../../lambdas/shared/verification.ts';
import type { CloudClient } from '../cloud-client.ts';
import type { CommandSpec, CommonOptions } from '../command.ts';
import { findRefusedDecisions } from '../decisions.ts';
import { findDoubleCorrections } from '../double-corrections.ts';
import { EXIT } from '../exit-codes.ts';
import { type Io, printJson } from '../output/console.ts';
import { formatNumber } from '../output/table.ts';

/** Uploads without an object that are named; `--json` names all. */
const MAX_NAMED = 20;
/** A response of the Data API has at most 1 MiB. */
const PAGE_SIZE = 500;
/** Time without progress after which a loading upload is a difference. */
const STUCK_AFTER_SECONDS = 3_600;

export const VERIFY: CommandSpec<CommonOptions> = {
  name: 'verify',
  description: 'check that every row is accounted for, in the bucket, the ledger and the table',
  help: `A file that was uploaded a moment ago may not be in the ledger yet: run the
command again. "retail replay KEY" sends a file that is not in the
ledger through the pipeline.`,
  async run(_args, options, { io, withCloud }) {
    const report = await withCloud(options, verify);
    const { uploads, objects, loading, differences, warnings, gone } = report;
    if (options.json) printJson(report, io);
    else {
      for (const { key, uploadId, text } of differences) {
        io.print(`${key || uploadId || 'transactions'}: ${text}`);
      }
      const result =
        differences.length === 0
          ? 'every row is accounted for'
          : `${formatNumber(differences.length)} ${plural(differences.length, 'difference')}`;
      io.print(
        `Checked ${formatNumber(uploads)} ${plural(uploads, 'upload')} and ${formatNumber(objects)} object ${plural(objects, 'version')}: ${result}.`,
      );
      for (const { key, text } of warnings) io.note(`Warning: ${key}: ${text}.`);
      if (gone.length > 0) printGone(gone, io);
      if (loading > 0)
        io.note(`${formatNumber(loading)} ${plural(loading, 'upload is', 'uploads are')} still loading.`);
    }
    return differences.length === 0 ? EXIT.done : EXIT.failed;
  },
};

/** An upload whose rows are in the table, and whose object version is not in the bucket. */
interface GoneUpload {
  readonly uploadId: string;
  readonly key: string;
  readonly versionId: string;
  readonly rowsInserted: number;
}

function printGone(gone: readonly GoneUpload[], io: Io): void {
  io.note(
    `${formatNumber(gone.length)} ${plural(gone.length, 'upload has', 'uploads have')} no object in the bucket any longer: a replay cannot rebuild ${plural(gone.length, 'its', 'their')} rows.`,
  );
  for (const { key, versionId, rowsInserted } of gone.slice(0, MAX_NAMED)) {
    io.note(`  ${key}: version ${versionId}, ${formatNumber(rowsInserted)} ${plural(rowsInserted, 'row')}`);
  }
  const rest = gone.length - MAX_NAMED;
  if (rest > 0) io.note(`  … and ${formatNumber(rest)} more (--json has all)`);
}

/** Compares the ledger with its parts and the table, and the bucket with the ledger. Changes nothing. */
async function verify(client: CloudClient) {
  const query = client.rows.bind(client);
  const { uploadsChecked: uploads, differences } = await checkLedger(query, '-infinity');
  const stuck = await findStuckUploads(query, STUCK_AFTER_SECONDS);
  const { parserRevision } = client.access.outputs;
  const { lost, endangered } = await findReplayLosses(query, '-infinity', parserRevision);
  const missing: Difference[] = [];
  const unknown = new Set<string>();
  // Read before the listing, so that an upload in the meantime does not count as gone.
  const unlisted = await readInserted(client);
  let objects = 0;
  for await (const page of listUploads(client.s3, client.bucket)) {
    objects += page.objects.length;
    for (const object of page.objects) unlisted.delete(toText(object));
    for (const { key, versionId, receivedAt } of await findUnknown(client, page.objects)) {
      unknown.add(toText({ key, versionId }));
      const text = `version ${versionId}, uploaded ${receivedAt}, is not in the ledger`;
      missing.push({ uploadId: '', key, text });
    }
  }
  missing.push(
    ...(await findLostReceipts({ s3: client.s3, bucketName: client.bucket, query, reported: unknown })),
  );
  const [open] = await client.query(`SELECT count(*) AS count FROM ledger.uploads WHERE status = 'loading'`);
  const all = [...differences, ...lost, ...stuck.differences, ...missing];
  const gone = [...unlisted.values()].flat();
  const warnings = [
    ...endangered,
    ...(await findRefusedDecisions(client)),
    ...(await findDoubleCorrections(client)),
  ];
  return { uploads, objects, loading: Number(open?.count), differences: all, warnings, gone };
}

const toText = ({ key, versionId }: Pick<CreatedObject, 'key' | 'versionId'>) => `${versionId} ${key}`;

/** Reads the uploads that have rows in the table, by their object versions. */
async function readInserted(client: CloudClient): Promise<Map<string, GoneUpload[]>> {
  const uploads = new Map<string, GoneUpload[]>();
  for (let page: GoneUpload[] = [], after = FIRST_UPLOAD_ID; ; after = page.at(-1)!.uploadId) {
    const rows = await client.query(
      `SELECT upload_id AS "uploadId", object_key AS key, version_id AS "versionId", rows_inserted AS "rowsInserted"
       FROM ledger.uploads
       WHERE upload_id > CAST(:after AS uuid) AND bucket = :bucket AND rows_inserted > 0
       ORDER BY upload_id LIMIT ${PAGE_SIZE}`,
      { after, bucket: client.bucket },
    );
    page = rows.map(({ rowsInserted, ...upload }) => {
      return { ...upload, rowsInserted: Number(rowsInserted) } as GoneUpload;
    });
    for (const upload of page) uploads.set(toText(upload), [...(uploads.get(toText(upload)) ?? []), upload]);
    if (page.length < PAGE_SIZE) return uploads;
  }
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

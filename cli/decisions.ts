import { isDecisionKey } from '../lambdas/core/decision.ts';
import type { Difference } from '../lambdas/shared/verification.ts';
import type { CloudClient } from './cloud-client.ts';
import type { DecisionEntry, LedgerEntry } from './ledger.ts';

/** Decisions per call, and those that `verify` names: a reason may have 1,000 characters. */
const PAGE_SIZE = 100;

const COLUMNS = 'd.kind, d.file_key AS file, d.reason, d.decided_by AS by, d.state';

/**
 * Adds to the uploads of decisions what was decided, and to failed uploads that their file was retracted. An object that
 * is not a valid decision stays as it is.
 */
export async function addDecisions(
  client: CloudClient,
  entries: readonly LedgerEntry[],
): Promise<LedgerEntry[]> {
  const decided = await findDecisions(
    client,
    entries.filter(({ key }) => isDecisionKey(key)),
    '(d.bucket, d.object_key, d.version_id) = (u.bucket, u.object_key, u.version_id)',
  );
  const retracted = await findDecisions(
    client,
    entries.filter(({ status, key }) => status === 'failed' && !isDecisionKey(key)),
    `(d.bucket, d.file_key, d.file_version) = (u.bucket, u.object_key, u.version_id)
       AND d.kind = 'retract' AND d.state IN ('settling', 'done')`,
  );
  return entries.map((entry) => {
    const decision = decided.get(entry.uploadId);
    const retraction = retracted.get(entry.uploadId);
    return { ...entry, ...(decision && { decision }), ...(retraction && { retraction }) };
  });
}

/** Finds a decision for each upload, by its id. */
async function findDecisions(
  client: CloudClient,
  entries: readonly LedgerEntry[],
  condition: string,
): Promise<Map<unknown, DecisionEntry>> {
  const ids = entries.map(({ uploadId }) => uploadId);
  const found = new Map<unknown, DecisionEntry>();
  for (let start = 0; start < ids.length; start += PAGE_SIZE) {
    const rows = await client.query(
      `SELECT DISTINCT ON (u.upload_id) u.upload_id AS id, ${COLUMNS}
       FROM ledger.uploads AS u
       JOIN ledger.decisions AS d ON ${condition}
       WHERE u.upload_id IN (SELECT CAST(json_array_elements_text(CAST(:ids AS json)) AS uuid))
       ORDER BY u.upload_id, d.decided_at`,
      { ids: JSON.stringify(ids.slice(start, start + PAGE_SIZE)) },
    );
    for (const { id, ...decision } of rows) found.set(id, decision as unknown as DecisionEntry);
  }
  return found;
}

/** Finds decisions that were refused, unless a later one about the same file was not. */
export async function findRefusedDecisions(client: CloudClient): Promise<Difference[]> {
  const rows = await client.query(
    `SELECT d.object_key AS key, ${COLUMNS} FROM ledger.decisions AS d
     WHERE d.state = 'refused' AND NOT EXISTS (
       SELECT FROM ledger.decisions AS l
       WHERE (l.bucket, l.file_key, l.file_version, l.kind) = (d.bucket, d.file_key, d.file_version, d.kind)
         AND l.decided_at > d.decided_at AND l.state <> 'refused')
     ORDER BY d.object_key LIMIT ${PAGE_SIZE}`,
  );
  return rows.map(({ key, ...decision }) => {
    const text = `${describeDecision(decision as unknown as DecisionEntry)} was refused, since it changes rows of closed days`;
    return { uploadId: '', key: String(key), text };
  });
}

/** Names a decision in a few words. */
export function describeDecision({ kind, file, reason, by }: DecisionEntry): string {
  return `the decision of ${by} to ${kind} ${file} ("${reason}")`;
}

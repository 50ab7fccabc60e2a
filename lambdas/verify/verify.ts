import type { Query } from '../shared/data-api.ts';

const PAGE_SIZE = 100;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

export interface Verification {
  readonly uploadsChecked: number;
  readonly differences: readonly { readonly uploadId: string; readonly text: string }[];
  /** Uploads that have not moved for longer than they should. */
  readonly stuckUploads: number;
}

/** Checks the uploads of the last days, page by page: a call of the Data API has 45 seconds. */
export async function verify(
  query: Query,
  { verifyDays, stuckAfterSeconds }: { verifyDays: number; stuckAfterSeconds: number },
): Promise<Verification> {
  const differences: { uploadId: string; text: string }[] = [];
  let uploadsChecked = 0;
  let after = BEFORE_ALL;
  for (;;) {
    const page = await query(
      `SELECT upload_id, array_to_string(differences, '; ')
       FROM ledger.verify(now() - make_interval(days => CAST(:days AS integer)), CAST(:after AS uuid), ${PAGE_SIZE})`,
      { days: String(verifyDays), after },
    );
    for (const [uploadId = '', text = ''] of page) if (text !== '') differences.push({ uploadId, text });
    uploadsChecked += page.length;
    after = page.at(-1)?.[0] ?? after;
    if (page.length < PAGE_SIZE) break;
  }
  for (const [uploadId = ''] of await query(
    'SELECT upload_id FROM ledger.find_unknown_uploads() LIMIT 100',
    {},
  )) {
    const text =
      uploadId === ''
        ? 'the table has rows that no upload brought'
        : 'the table has rows of it, and the ledger does not know it';
    differences.push({ uploadId, text });
  }
  const [[stuck = '0'] = []] = await query(
    `SELECT CAST(count(*) AS text) FROM ledger.uploads
     WHERE status = 'loading' AND moved_at <= now() - make_interval(secs => CAST(:seconds AS integer))`,
    { seconds: String(stuckAfterSeconds) },
  );
  return { uploadsChecked, differences, stuckUploads: Number(stuck) };
}

import type { ConflictsAnswer } from '../core/api-answers.ts';
import { type HttpEvent, storesOf } from './callers.ts';
import { isOfStores, joinStores, type Ledger, pageOf } from './ledger.ts';
import { Parameters } from './parameters.ts';
import { MAX_LINE, originOf, valuesOf } from './transactions.ts';
import { checkUpload } from './uploads.ts';

/** Rows of a page. Each has the texts of two transactions. */
const CONFLICTS = 50;

/** `GET /uploads/{id}/conflicts`: rows with another version in the table, by line. */
export async function listConflicts(event: HttpEvent, ledger: Ledger): Promise<ConflictsAnswer> {
  const parameters = new Parameters(event, 'listConflicts');
  const after = parameters.integer('after', { min: 0, max: MAX_LINE }) ?? 0;
  const id = await checkUpload(event, ledger);
  const conflicts = await ledger.read<ConflictsAnswer['conflicts'][number]>(
    `SELECT CAST(json_build_object('id', c.id, 'line', c.line, 'here', json_build_object(${valuesOf('c')}),
       'kept', CASE WHEN t.id IS NOT NULL
                    THEN json_build_object(${valuesOf('t')}, 'origin', ${originOf('t', 'h')}) END) AS text)
     FROM ledger.other_versions AS c
     LEFT JOIN public.transactions AS t ON t.id = c.id AND ${isOfStores('t.store_id')}
     LEFT JOIN ledger.upload_history AS h ON h.upload_id = t.upload_id
     WHERE c.upload_id = CAST(:id AS uuid) AND c.fate = 'conflict' AND c.line > CAST(:after AS integer)
     ORDER BY c.line LIMIT ${CONFLICTS}`,
    { id, after: String(after), stores: joinStores(storesOf(event.requestContext)) },
  );
  return { conflicts, ...pageOf(conflicts, ({ line }) => line, CONFLICTS) };
}

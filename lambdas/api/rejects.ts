import type { RejectCodesAnswer, RejectedEntry, RejectsAnswer } from '../core/api-answers.ts';
import type { HttpEvent } from './callers.ts';
import { type Ledger, PAGE_ROWS } from './ledger.ts';
import { Parameters } from './parameters.ts';
import { MAX_LINE } from './transactions.ts';
import { checkUpload } from './uploads.ts';

export const REJECT_STATES = ['open', 'corrected', 'waived', 'retracted', 'settled', 'repeated'] as const;

const MAX_ROWS = 1_000;
const MAX_CODES = 200;
/**
 * A response of the Data API has at most 1 MiB and a row at most 64 KB, with up to seven bytes for a character in JSON. A
 * page has only as many rows as are certain to fit.
 */
const MAX_TEXT = 8_000;
const MAX_MESSAGE = 500;
const MAX_TITLE = 200;
const PAGE_CHARACTERS = 120_000;
/** Characters of a row without its texts. */
const ROW_CHARACTERS = 300;

/** `GET /uploads/{id}/rejects`: rejected rows by line. */
export async function listRejects(event: HttpEvent, ledger: Ledger): Promise<RejectsAnswer> {
  const parameters = new Parameters(event, 'listRejects');
  const after = parameters.integer('after', { min: 0, max: MAX_LINE }) ?? 0;
  const limit = parameters.integer('limit', { min: 1, max: MAX_ROWS }) ?? PAGE_ROWS;
  const state = parameters.choice('state', REJECT_STATES) ?? '';
  const id = await checkUpload(event, ledger);
  const found = await ledger.read<RejectedEntry & { readonly isLast: boolean }>(
    `SELECT CAST(json_build_object('line', p.line, 'field', left(p.column_name, ${MAX_TITLE}), 'code', p.code,
       'message', left(p.message, ${MAX_MESSAGE}), 'text', left(p.original_text, ${MAX_TEXT}),
       'isCut', length(p.original_text) > ${MAX_TEXT}, 'state', p.state, 'correctedBy', p.corrected_by,
       'firstFile', p.first_file, 'firstLine', p.first_line, 'isLast', p.place = p.rows AND p.rows < ${limit}) AS text)
     FROM (
       SELECT r.*, row_number() OVER (ORDER BY r.line) AS place, count(*) OVER () AS rows,
         sum(least(length(r.original_text), ${MAX_TEXT}) + least(length(r.message), ${MAX_MESSAGE})
             + least(length(r.column_name), ${MAX_TITLE}) + ${ROW_CHARACTERS}) OVER (ORDER BY r.line) AS characters
       FROM (
         SELECT * FROM ledger.reject_states AS r 
         WHERE r.upload_id = CAST(:id AS uuid) AND CAST(:state AS text) IN ('', r.state) AND r.line > CAST(:after AS integer)
         ORDER BY r.line LIMIT ${limit}
       ) AS r
     ) AS p
     WHERE p.place = 1 OR p.characters <= ${PAGE_CHARACTERS} ORDER BY p.line`,
    { id, state, after: String(after) },
  );
  const last = found.at(-1);
  const rejects = found.map(({ isLast, ...reject }) => reject);
  return { rejects, ...(last !== undefined && !last.isLast && { next: last.line }) };
}

/** `GET /uploads/{id}/reject-codes`: the most frequent first. */
export async function countRejects(event: HttpEvent, ledger: Ledger): Promise<RejectCodesAnswer> {
  new Parameters(event, 'countRejects');
  const id = await checkUpload(event, ledger);
  const codes = await ledger.read<RejectCodesAnswer['codes'][number]>(
    `SELECT CAST(json_build_object('code', c.code, 'field', c.field, 'rows', c.rejected, 'open', c.open) AS text)
     FROM ledger.count_rejects(CAST(:id AS uuid)) AS c
     ORDER BY c.rejected DESC, c.code, c.field LIMIT ${MAX_CODES}`,
    { id },
  );
  return { codes };
}

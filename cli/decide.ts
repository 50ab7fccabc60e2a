import { randomBytes } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { InvalidArgumentError, Option } from 'commander';
import {
  buildDecisionKey,
  type Decision,
  isDecisionKey,
  MAX_DECISION_LINES,
  MAX_REASON_CHARACTERS,
} from '../lambdas/core/decision.ts';
import { readCaller } from './aws/caller-identity.ts';
import type { CloudClient, PutUpload } from './cloud-client.ts';
import { EXIT, UserError } from './exit-codes.ts';
import { findUpload, type LedgerEntry, readUploads } from './ledger.ts';
import type { Io } from './output/console.ts';
import { waitForUploads } from './wait-for-uploads.ts';

/** Options of every command that decides. */
export interface DecisionOptions {
  readonly reason: string;
  readonly lines?: readonly number[];
  readonly force?: true;
}

export const REASON = new Option('--reason <text>', 'why; the ledger keeps it with your name and the time')
  .argParser(parseReason)
  .makeOptionMandatory();
export const LINES = new Option(
  '--lines <list>',
  'only these lines of the file, such as 5,7-12 (default: all)',
).argParser(parseLines);
export const FORCE = new Option('--force', 'change rows of closed days too');

/**
 * Finds the upload that a decision is about.
 * @throws {UserError} if there is none, or it is itself a decision
 */
export async function findDecidable(client: CloudClient, name: string): Promise<LedgerEntry> {
  const { uploadId, key } = await findUpload(client, name);
  if (isDecisionKey(key)) {
    throw new UserError(`${key} is a decision, and decisions stay: decide again about the file instead`);
  }
  const [entry] = await readUploads(client, [uploadId]);
  return entry!;
}

/**
 * Puts a decision into the bucket, and waits until it is applied.
 * @returns the decision's own upload
 * @throws {UserError} if the decision is refused
 */
export async function decide(
  client: CloudClient,
  io: Io,
  kind: Decision['kind'],
  { key, versionId }: Pick<PutUpload, 'key' | 'versionId'>,
  { reason, lines, force }: DecisionOptions,
): Promise<LedgerEntry> {
  const decision: Decision = {
    version: 1,
    kind,
    file: { key, versionId },
    ...(lines && { lines }),
    reason,
    by: await readCaller(client),
    ...(force && { force }),
  };
  const object = {
    bucket: client.bucket,
    key: buildDecisionKey(kind, new Date(), randomBytes(4).toString('hex')),
  };
  const { VersionId = '' } = await client.s3.send(
    new PutObjectCommand({
      Bucket: object.bucket,
      Key: object.key,
      Body: JSON.stringify(decision),
      ContentType: 'application/json',
    }),
  );
  const put = { ...object, versionId: VersionId };
  const [entry] = await waitForUploads(client, [{ ...put, uploadId: client.uploadIdOf(put) }], io);
  if (entry!.status === 'complete') return entry!;
  throw new UserError(`nothing was changed: ${entry!.failureMessage ?? entry!.failureCode}`, EXIT.failed);
}

/** Reads the uploads whose results a decision changed. */
export async function readChanged(client: CloudClient, { uploadId }: LedgerEntry): Promise<LedgerEntry[]> {
  const rows = await client.query(
    'SELECT DISTINCT upload_id AS id FROM ledger.adjustments WHERE cause = CAST(:cause AS uuid) LIMIT 100',
    { cause: uploadId },
  );
  return readUploads(
    client,
    rows.map(({ id }) => String(id)),
  );
}

function parseReason(text: string): string {
  const reason = text.trim();
  if (reason === '' || reason.length > MAX_REASON_CHARACTERS) {
    throw new InvalidArgumentError(`Use a text of 1 to ${MAX_REASON_CHARACTERS} characters.`);
  }
  return reason;
}

/** Reads a list such as `5,7-12`. */
function parseLines(text: string): number[] {
  const lines = new Set<number>();
  for (const part of text.split(',')) {
    const [, first, last = first] = /^ *([1-9]\d{0,8})(?:-([1-9]\d{0,8}))? *$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === undefined || to < from || to - from >= MAX_DECISION_LINES) {
      throw new InvalidArgumentError('Use line numbers and ranges of them, such as 5,7-12.');
    }
    for (let line = from; line <= to; line++) lines.add(line);
  }
  if (lines.size > MAX_DECISION_LINES) {
    throw new InvalidArgumentError(`Use at most ${MAX_DECISION_LINES} lines, or leave --lines out for all.`);
  }
  return [...lines].sort((a, b) => a - b);
}

import { CopyObjectCommand } from '@aws-sdk/client-s3';
import { Option } from 'commander';
import { buildUploadKey, parseUploadKey, STORE_PATTERN } from '../../lambdas/core/upload-key.ts';
import type { CloudClient } from '../cloud-client.ts';
import { type CommandSpec, type CommonOptions, parseName } from '../command.ts';
import { type DecisionOptions, decide, FORCE, findDecidable, REASON, readChanged } from '../decide.ts';
import { EXIT, UserError } from '../exit-codes.ts';
import type { LedgerEntry } from '../ledger.ts';
import type { Io } from '../output/console.ts';
import { printRejects } from '../print-rejects.ts';
import { waitForUploads } from '../wait-for-uploads.ts';
import { UPLOAD_ARGUMENT } from './retract.ts';
import { exitCodeFor, printUploads } from './uploads.ts';

interface MoveOptions extends CommonOptions, DecisionOptions {
  readonly toStore: string;
}

export const MOVE: CommandSpec<MoveOptions> = {
  name: 'move',
  description: 'move a file that was uploaded for the wrong store to another store',
  argument: UPLOAD_ARGUMENT,
  options: [
    new Option('--to-store <name>', 'the store that the rows belong to')
      .argParser(
        parseName(STORE_PATTERN, 'A store\'s name has at most 63 letters, digits, ".", "_" and "-".'),
      )
      .makeOptionMandatory(),
    REASON,
    FORCE,
  ],
  help: `The file is copied into the folder of the other store and loaded, and then
retracted where it was. If the copy is refused, nothing is retracted.`,
  async run([name = ''], options, { io, withCloud }) {
    return withCloud(options, async (client) => {
      const upload = await findDecidable(client, name);
      const copy = await copyTo(client, io, upload, options.toStore);
      const changed = await readChanged(client, await decide(client, io, 'retract', upload, options));
      const others = changed.filter(({ uploadId }) => uploadId !== copy.uploadId);
      const present = changed.find(({ uploadId }) => uploadId === copy.uploadId) ?? copy;
      printUploads(io, [...others, present], options.json);
      if (!options.json) await printRejects(client, io, [present]);
      return exitCodeFor([present]);
    });
  },
};

/** Copies a file to another store, and waits until it is loaded there. @throws {UserError} if it is refused */
async function copyTo(client: CloudClient, io: Io, upload: LedgerEntry, store: string): Promise<LedgerEntry> {
  const { bucket, key, versionId, storeId } = upload;
  if (storeId === store) throw new UserError(`${key} belongs to the store ${store} already`);
  const { fileName } = parseUploadKey(key)!;
  const Key = buildUploadKey({ storeId: store, fileName });
  const source = key.split('/').map(encodeURIComponent).join('/');
  const { VersionId = '' } = await client.s3.send(
    new CopyObjectCommand({
      Bucket: bucket,
      Key,
      CopySource: `${bucket}/${source}?versionId=${encodeURIComponent(versionId)}`,
    }),
  );
  const put = { bucket, key: Key, versionId: VersionId };
  const [copy] = await waitForUploads(client, [{ ...put, uploadId: client.uploadIdOf(put) }], io);
  if (copy!.status === 'complete') return copy!;
  throw new UserError(
    `${key} stays where it is: ${Key} was not loaded: ${copy!.failureMessage ?? copy!.failureCode}`,
    EXIT.failed,
  );
}

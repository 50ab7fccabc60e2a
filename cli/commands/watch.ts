import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { Argument, Option } from 'commander';
import { uploaderPolicyOutput } from '../../lambdas/shared/stacks.ts';
import { DataDirectory } from '../../local/data-directory.ts';
import { FileLock } from '../../local/file-lock.ts';
import { accessKeyOf } from '../../local/iam/access-control.ts';
import { rememberCalls } from '../aws/calls.ts';
import { explainError } from '../aws/explain-error.ts';
import type { Connection } from '../cloud-client.ts';
import { type CommandSpec, parseWhole, storeOption } from '../command.ts';
import { EXIT, type ExitCode, UserError } from '../exit-codes.ts';
import { onStopSignal } from '../local-access.ts';
import { dataDirFlags } from '../local-project.ts';
import { formatCommand, type Io } from '../output/console.ts';
import { LOCK_NAME, ShopFolder } from '../watch/folder.ts';
import { ShopBucket } from '../watch/shop-bucket.ts';
import { Watcher } from '../watch/watcher.ts';

interface WatchOptions {
  readonly store: string;
  readonly bucket?: string;
  readonly profile?: string;
  readonly region?: string;
  readonly settle: number;
  readonly dataDir: string;
}

const STORE = storeOption().makeOptionMandatory();
STORE.description = 'store of the files (required)';

export const WATCH: CommandSpec<WatchOptions> = {
  name: 'watch',
  description: 'upload what a shop saves in a folder, until Ctrl-C; with the rights of an uploader alone',
  argument: new Argument('<folder>', 'the folder; files move to its folders "sent" and "problems"'),
  isLocal: true,
  stageAdvice:
    'A shop has only the rights of an uploader. Name the bucket of the stage with --bucket instead.',
  options: [
    STORE,
    new Option(
      '--bucket <name>',
      "AWS: the stage's bucket, output UploadBucketName (default: the local cloud)",
    ),
    new Option('--profile <name>', 'AWS profile for --bucket (default: AWS_PROFILE)'),
    new Option('--region <name>', "AWS region for --bucket (default: AWS_REGION, or the profile's region)"),
    new Option('--settle <seconds>', 'time without a change after which a file is complete')
      .argParser(parseWhole(1, 3_600))
      .default(5),
  ],
  help: `A file is uploaded once it is complete. When its rows are loaded, it moves to
"sent", or to "problems" if some were rejected or conflicting, with its receipt
beside it. To try a file of "problems" again, correct it and save it in the
folder.`,
  run: ([folder = ''], options, { io }) => watch(folder, options, io),
};

async function watch(path: string, options: WatchOptions, io: Io): Promise<ExitCode> {
  const { store, settle } = options;
  const folder = new ShopFolder(path);
  await folder.prepare().catch((cause: Error) => {
    throw new UserError(`${path} cannot be used: ${cause.message}`, EXIT.failed, { cause });
  });
  const lock = FileLock.acquire(join(path, LOCK_NAME));
  if (lock === undefined)
    throw new UserError(`another "retail watch" uses the folder ${path}: stop it first`);
  const { bucket, connection } = openBucket(options);
  const shop = new ShopBucket(rememberCalls(new S3Client(connection)), bucket, store);
  const stop = new AbortController();
  using _ = onStopSignal(() => stop.abort());
  const watcher = new Watcher(folder, shop, io, settle * 1_000);
  io.note(`Watching ${path} for the store ${store}. Ctrl-C stops it.`);
  try {
    await watcher.run(stop.signal);
  } catch (error) {
    throw explain(error, store, connection);
  } finally {
    shop.close();
    lock.release();
  }
  const { waiting } = watcher;
  io.note(
    waiting === 0
      ? 'Stopped.'
      : `Stopped. Files that wait for their result until the next start: ${waiting}.`,
  );
  return EXIT.done;
}

interface ShopConnection extends Omit<Connection, 'endpoint'> {
  readonly endpoint?: () => Promise<{ readonly url: URL }>;
}

/** Finds the bucket, and who calls it: in the local cloud, the user who has only the policy of the store's uploader. */
export function openBucket({ store, bucket, profile, region, dataDir }: Omit<WatchOptions, 'settle'>): {
  readonly bucket: string;
  readonly connection: ShopConnection;
} {
  if (bucket !== undefined) return { bucket, connection: { profile, region } };
  const directory = new DataDirectory(dataDir);
  const running = directory.readRunning();
  if (running === undefined) {
    throw new UserError(
      `no local cloud is running in ${dataDir}: start it with "${formatCommand('up', ...dataDirFlags(dataDir))}", or name a bucket on AWS with --bucket`,
    );
  }
  const { outputs, accessKeys } = running;
  const policy = outputs[uploaderPolicyOutput(store)]?.split('/').at(-1);
  if (policy === undefined) {
    throw new UserError(
      `the stage has no store ${store}: add it to retail:stores in cdk.json, and start again`,
    );
  }
  const accessKeyId = accessKeyOf(policy);
  const credentials = { accessKeyId, secretAccessKey: accessKeys[accessKeyId]! };
  let { endpoint } = running;
  /** After a restart, the cloud may have another port. */
  const findEndpoint = async () => {
    endpoint = directory.readRunning()?.endpoint ?? endpoint;
    return { url: new URL(endpoint) };
  };
  const connection = { endpoint: findEndpoint, region: 'us-east-1', credentials };
  return { bucket: outputs.UploadBucketName!, connection };
}

function explain(error: unknown, store: string, { region, profile }: ShopConnection): unknown {
  const { name, message } = Object(error) as Partial<Error>;
  if (name === 'AccessDenied') {
    const output = uploaderPolicyOutput(store);
    const advice = `Attach the managed policy in the output ${output} of the stage's data stack to your user or role`;
    return new UserError(`a permission for the store ${store} is missing. ${advice}. AWS says: ${message}`);
  }
  return explainError(error, { stage: '', region, profile, knownStages: [] });
}

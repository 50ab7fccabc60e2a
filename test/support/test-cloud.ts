import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type pg from 'pg';
import { inject } from 'vitest';
import { CloudClient, type PutUpload } from '../../cli/cloud-client.ts';
import { type LedgerEntry, readUploads } from '../../cli/ledger.ts';
import { localAccess } from '../../cli/local-access.ts';
import { LOCAL_PROJECT } from '../../cli/local-project.ts';
import type { LocalCloudOptions } from '../../local/cloud-options.ts';
import { DataDirectory } from '../../local/data-directory.ts';
import { LocalCloud } from '../../local/local-cloud.ts';
import { connectAs, readLogs } from './data-directory-view.ts';

const TIMEOUT_MILLISECONDS = 45_000;

/** The whole pipeline in its own folder, with ways to inspect its results. */
export class TestCloud {
  readonly cloud: LocalCloud;
  readonly client: CloudClient;
  readonly problems: Error[];
  readonly s3: S3Client;
  #database: pg.Client;
  #dir: string;
  /** Ends the parts, the last one first, also if one of them fails. */
  #started = new AsyncDisposableStack();

  private constructor(cloud: LocalCloud, database: pg.Client, dir: string, problems: Error[]) {
    this.cloud = cloud;
    this.client = new CloudClient(localAccess(cloud.running));
    this.s3 = new S3Client(this.client.access.connection);
    this.problems = problems;
    this.#database = database;
    this.#dir = dir;
  }

  /** @param assemblyDir an assembly other than that of the CDK app */
  static async start(
    assemblyDir: string = inject('assemblyDir'),
    options: Partial<LocalCloudOptions> = {},
  ): Promise<TestCloud> {
    await using started = new AsyncDisposableStack();
    const dir = await mkdtemp(join(tmpdir(), 'retail-test-'));
    started.defer(() => rm(dir, { recursive: true, force: true }));
    const problems: Error[] = [];
    const directory = new DataDirectory(join(dir, 'data'));
    await cp(inject('dataTemplateDir'), directory.path, { recursive: true });
    const onProblem = (problem: Error) => problems.push(problem);
    const cloud = await LocalCloud.start({
      project: LOCAL_PROJECT,
      directory,
      assemblyDir,
      onProblem,
      ...options,
    });
    started.defer(() => cloud.stop());
    const database = await connectAs(directory.path, cloud.running.databaseUrl, 'retail_operator');
    started.defer(() => database.end());
    const test = new TestCloud(cloud, database, dir, problems);
    test.#started = started.move();
    return test;
  }

  async stop(): Promise<void> {
    this.client.close();
    this.s3.destroy();
    await this.#started.disposeAsync();
  }

  /** Queries the database as the operator, who may read every table. */
  async rows<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.#database.query<Row>(sql, values)).rows;
  }

  /** A connection as one of the database's roles. The caller ends it. */
  connectAs(username: string): Promise<pg.Client> {
    return connectAs(this.dataDir, this.cloud.running.databaseUrl, username);
  }

  async put(key: string, content: string | Uint8Array): Promise<PutUpload> {
    const file = join(this.#dir, 'upload');
    await writeFile(file, content);
    return this.client.putFile(file, key, () => undefined);
  }

  /** Uploads a file and waits until it is loaded. @throws the first problem of the cloud */
  async load(key: string, content: string | Uint8Array): Promise<LedgerEntry> {
    return this.waitFor(await this.put(key, content));
  }

  async waitFor({ uploadId, key }: PutUpload): Promise<LedgerEntry> {
    const deadline = Date.now() + TIMEOUT_MILLISECONDS;
    for (;;) {
      const [entry] = await readUploads(this.client, [uploadId]);
      if (entry !== undefined && entry.status !== 'loading') return entry;
      if (this.problems.length > 0) throw this.problems[0];
      if (Date.now() > deadline) throw new Error(`${key} did not finish: ${JSON.stringify(entry)}`);
      await sleep(25);
    }
  }

  get dataDir(): string {
    return join(this.#dir, 'data');
  }

  /** Lines that a function logged. */
  logs(folder: string): Promise<string[]> {
    return readLogs(this.dataDir, folder);
  }

  async object(key: string): Promise<string> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.client.bucket, Key: key }));
    return Body!.transformToString();
  }

  async keys(prefix: string): Promise<string[]> {
    const answer = await this.s3.send(
      new ListObjectsV2Command({ Bucket: this.client.bucket, Prefix: prefix }),
    );
    return (answer.Contents ?? []).map(({ Key }) => Key!);
  }
}

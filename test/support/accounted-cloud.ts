import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { expect, inject } from 'vitest';
import { LOCAL_PROJECT } from '../../cli/local-project.ts';
import type { LocalCloudOptions } from '../../local/cloud-options.ts';
import { DataDirectory } from '../../local/data-directory.ts';
import type { FaultPlan } from '../../local/faults/fault-plan.ts';
import { LocalCloud } from '../../local/local-cloud.ts';
import { ApiClient } from '../../tools/api-client.ts';
import { shortenAssembly } from '../../tools/assembly.ts';
import { findProblems } from '../../tools/chaos/account.ts';
import { findCollectedCalls, findReceiptProblems, type SentCall, sendCall } from '../../tools/chaos/calls.ts';
import { Choices } from '../../tools/chaos/choices.ts';
import {
  type Clients,
  connect,
  type Drop,
  dropFile,
  waitUntilCollected,
  waitUntilSettled,
} from '../../tools/chaos/clients.ts';
import { type MadeUpCall, makeCall } from '../../tools/chaos/made-up-call.ts';
import { type FileStyle, type MadeUpFile, makeFile } from '../../tools/chaos/made-up-file.ts';
import { connectAs, readLogs } from './data-directory-view.ts';

const SETTLE_TIMEOUT_MILLISECONDS = 90_000;

/** A local cloud with small messages, in which each test injects its own faults into its own store. */
export class AccountedCloud {
  cloud: LocalCloud;
  clients: Clients;
  readonly api = new ApiClient(() => this.cloud.running);
  readonly problems: Error[];
  /** Faults to inject from now on. */
  faults: FaultPlan = {};
  #dir: string;
  #startCloud!: () => Promise<LocalCloud>;
  #storeId = '';
  #drops: Drop[] = [];
  #calls: SentCall[] = [];
  #stores = 0;
  #files = 0;

  private constructor(cloud: LocalCloud, clients: Clients, problems: Error[], dir: string) {
    this.cloud = cloud;
    this.clients = clients;
    this.problems = problems;
    this.#dir = dir;
  }

  static async start(options: Partial<LocalCloudOptions> = {}): Promise<AccountedCloud> {
    const dir = await mkdtemp(join(tmpdir(), 'retail-reliability-'));
    const assemblyDir = join(dir, 'assembly');
    await cp(inject('assemblyDir'), assemblyDir, { recursive: true });
    await shortenAssembly(assemblyDir);
    await cp(inject('dataTemplateDir'), join(dir, 'data'), { recursive: true });
    const problems: Error[] = [];
    // Until there is an instance, nothing goes wrong.
    let self: AccountedCloud | undefined;
    const startCloud = () =>
      LocalCloud.start({
        project: LOCAL_PROJECT,
        directory: new DataDirectory(join(dir, 'data')),
        assemblyDir,
        timeLapse: true,
        onProblem: (problem) => problems.push(problem),
        faults: {
          onCall: (call) => self?.faults.onCall?.(call),
          onDelivery: (delivery) => self?.faults.onDelivery?.(delivery),
          onEvent: (version) => self?.faults.onEvent?.(version),
        },
        ...options,
      });
    const cloud = await startCloud();
    self = new AccountedCloud(cloud, await connect(cloud.running), problems, dir);
    self.#startCloud = startCloud;
    return self;
  }

  /** Stops the cloud and starts it again on its data, as for a deployment. */
  async restart(): Promise<void> {
    await this.clients.close();
    await this.cloud.stop();
    this.cloud = await this.#startCloud();
    this.clients = await connect(this.cloud.running);
  }

  async stop(): Promise<void> {
    this.api[Symbol.dispose]();
    await this.clients.close();
    await this.cloud.stop();
    await rm(this.#dir, { recursive: true, force: true });
  }

  /** After the database was away. */
  async reconnect(): Promise<void> {
    this.clients.s3.destroy();
    this.clients.sqs.destroy();
    this.clients = await connect(this.cloud.running);
  }

  /** Begins a test: a new store, and these faults. */
  begin(faults: FaultPlan = {}): void {
    this.#storeId = `store${++this.#stores}`;
    this.#drops = [];
    this.#calls = [];
    this.faults = faults;
  }

  get storeId(): string {
    return this.#storeId;
  }

  /** A file with rows of every fate, by default of many batches; no other has its ids. */
  makeFile(rows = 1_500, style?: FileStyle): MadeUpFile {
    return makeFile(new Choices(++this.#files), [], rows, style);
  }

  /** Drops a file. @param name of the object, in the store's folder */
  async drop(file: MadeUpFile, name: string = file.name, isDeleted = false): Promise<Drop> {
    const drop = await dropFile(this.clients, `incoming/store=${this.#storeId}/${name}`, file, isDeleted);
    this.#drops.push(drop);
    return drop;
  }

  /** A call with items of every fate; no other has its ids. */
  makeCall(transport: MadeUpCall['transport'] = 'http', items = 30): MadeUpCall {
    return makeCall(new Choices(1_000_000 + ++this.#files), [], items, transport);
  }

  /** Sends a call until it is accepted. */
  async send(call: MadeUpCall): Promise<SentCall> {
    const sent = await sendCall(this.api, this.#storeId, call);
    this.#calls.push(sent);
    return sent;
  }

  /** Objects with the calls of the test. */
  async collected(): Promise<Drop[]> {
    const left = await waitUntilCollected(this.clients, SETTLE_TIMEOUT_MILLISECONDS);
    const { drops, problems } = await findCollectedCalls(this.clients, this.#storeId, this.#calls);
    expect([...left, ...problems]).toEqual([]);
    return drops;
  }

  /** Waits until all is at rest, and accounts for every row. */
  async expectAccounted(poisons: readonly string[] = []): Promise<void> {
    const drops = [...this.#drops, ...(await this.collected())];
    const open = await waitUntilSettled(this.clients, drops, SETTLE_TIMEOUT_MILLISECONDS);
    expect(open, this.problems.map(({ message }) => message).join('\n')).toEqual([]);
    const dropped = { storeId: this.#storeId, drops, decisions: [], poisons };
    expect((await findProblems(this.clients, dropped)).slice(0, 10)).toEqual([]);
    expect(await findReceiptProblems(this.api, this.#storeId, this.#calls)).toEqual([]);
    expect(this.problems.filter(({ name }) => name === 'AccessDeniedError')).toEqual([]);
  }

  get dataDir(): string {
    return join(this.#dir, 'data');
  }

  /** A connection as one of the database's roles. The caller ends it. */
  connectAs(username: string): Promise<pg.Client> {
    return connectAs(this.dataDir, this.cloud.running.databaseUrl, username);
  }

  /** How many batches an object version gave. */
  async batchesOf({ versionId }: Drop): Promise<number> {
    const sql = `SELECT count(*)::int AS count FROM ledger.batches JOIN ledger.uploads USING (upload_id)
                 WHERE version_id = $1`;
    return (await this.clients.database.query<{ count: number }>(sql, [versionId])).rows[0]!.count;
  }

  /** Log entries of a function. */
  async logs(folder: string): Promise<Record<string, unknown>[]> {
    const lines = await readLogs(this.dataDir, folder);
    return lines
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

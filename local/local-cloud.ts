import { fileURLToPath } from 'node:url';
import type { CloudModel, FunctionModel } from './assembly/cloud-model.ts';
import { readCloudModel } from './assembly/read-cloud-model.ts';
import { synthesize } from './assembly/synthesize.ts';
import { DataApiService } from './data-api/data-api-service.ts';
import type { DataDirectory, RunningCloud } from './data-directory.ts';
import type { FaultPlan } from './faults/fault-plan.ts';
import { faultyCalls } from './faults/faulty-calls.ts';
import { TimeLapse } from './faults/time-lapse.ts';
import { EventSourcePoller } from './functions/event-source-poller.ts';
import { FunctionHost } from './functions/function-host.ts';
import { Schedule } from './functions/schedule.ts';
import { Gateway } from './gateway/gateway.ts';
import { AccessControl, type Caller } from './iam/access-control.ts';
import { createDatabase } from './postgres/create-database.ts';
import { type PostgresServer, startEmbeddedPostgres } from './postgres/embedded-server.ts';
import { Notifier } from './s3/notifier.ts';
import { ObjectStore } from './s3/object-store.ts';
import type { CreationKind, ObjectVersion } from './s3/object-versions.ts';
import { S3Service } from './s3/s3-service.ts';
import { SecretStore } from './secrets/secret-store.ts';
import { SecretsService } from './secrets/secrets-service.ts';
import { Queues } from './sqs/fauxqs.ts';
import { SqsService } from './sqs/sqs-service.ts';

const PROJECT_DIR = fileURLToPath(new URL('..', import.meta.url));

export interface LocalCloudOptions {
  readonly directory: DataDirectory;
  /** @default 0, any free port */
  readonly port?: number;
  /** A PostgreSQL to use, as a user who may create roles and databases. @default an embedded one */
  readonly databaseUrl?: string | undefined;
  /** An assembly to run. @default the CDK app is synthesized */
  readonly assemblyDir?: string;
  /** Hears of what goes wrong: denied calls, failed functions. */
  readonly onProblem: (problem: Error) => void;
  /** What is to go wrong. @default nothing */
  readonly faults?: FaultPlan;
  /** Passes over the time in which messages only wait. @default false */
  readonly timeLapse?: boolean;
}

/** Everything that runs, from the synthesized assembly, on this machine. */
export class LocalCloud {
  readonly running: RunningCloud;
  readonly access: AccessControl;
  /** Where the options ask for one. */
  readonly timeLapse: TimeLapse | undefined;
  #hosts: readonly FunctionHost[];
  #stopSteps: (() => unknown)[];

  private constructor({ running, access, timeLapse, hosts }: CloudParts, stopSteps: (() => unknown)[]) {
    this.running = running;
    this.access = access;
    this.timeLapse = timeLapse;
    this.#hosts = hosts;
    this.#stopSteps = stopSteps;
  }

  /**
   * Starts all of it, runs the migrations, and lets messages flow.
   * @throws {Error} where a part does not start; what had started is stopped
   */
  static async start(options: LocalCloudOptions): Promise<LocalCloud> {
    const stopSteps: (() => unknown)[] = [];
    options.directory.lock();
    stopSteps.push(() => options.directory.release());
    try {
      return new LocalCloud(await start(options, stopSteps), stopSteps);
    } catch (error) {
      await runSteps(stopSteps);
      throw error;
    }
  }

  /**
   * Calls a function now, as its schedule would.
   * @param folder the function's folder under `lambdas/`
   * @returns its answer
   */
  async invoke(folder: string): Promise<unknown> {
    const host = this.#hosts.find(({ model }) => model.environment.POWERTOOLS_SERVICE_NAME === folder);
    if (host === undefined) throw new Error(`the assembly has no function ${folder}`);
    return host.invoke({});
  }

  /** Stops everything that was started; messages under way are delivered again at the next start. */
  async stop(): Promise<void> {
    await runSteps(this.#stopSteps);
  }
}

interface CloudParts {
  readonly running: RunningCloud;
  readonly access: AccessControl;
  readonly timeLapse: TimeLapse | undefined;
  readonly hosts: readonly FunctionHost[];
}

async function runSteps(steps: (() => unknown)[]): Promise<void> {
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) await step();
}

async function start(
  { directory, port = 0, databaseUrl, assemblyDir, onProblem, faults, timeLapse = false }: LocalCloudOptions,
  stopSteps: (() => unknown)[],
): Promise<CloudParts> {
  const access = new AccessControl(onProblem);
  const gateway = new Gateway(access, onProblem);
  const endpoint = await gateway.listen(port);
  stopSteps.push(() => gateway.close());

  const dir = assemblyDir ?? directory.file('assembly');
  const [server] = await Promise.all([
    startPostgres(directory, databaseUrl).then((postgres) => {
      stopSteps.push(() => postgres.stop());
      return postgres;
    }),
    assemblyDir === undefined ? synthesize(PROJECT_DIR, dir) : undefined,
  ]);
  const model = await readCloudModel(dir, endpoint);
  const cluster = model.clusters[0]!;
  const secrets = new SecretStore(directory.file('secrets.json'), model.secrets);
  const url = await createDatabase(server.adminUrl, cluster, secrets.ofUser(cluster.masterUsername));

  const queues = await Queues.open(directory.folder('sqs'), model.queues);
  stopSteps.push(() => queues.close());
  const store = new ObjectStore(directory.folder('s3'));
  stopSteps.push(() => store.close());
  const dataApi = new DataApiService({
    clusterArn: cluster.arn,
    databaseName: cluster.databaseName,
    host: url.hostname,
    port: Number(url.port || 5432),
    access,
    secrets,
  });
  stopSteps.push(() => dataApi.close());

  const callers = addCallers(model, access);
  const sqs = new SqsService(queues, access);
  const notifier = new Notifier({
    notifications: model.notifications,
    access,
    faults,
    send: async (queueArn, MessageBody) => {
      const QueueUrl = model.queues.find(({ arn }) => arn === queueArn)!.url;
      await queues.call('SendMessage', { QueueUrl, MessageBody });
    },
  });
  const announce = async (version: ObjectVersion, kind: CreationKind) => {
    await notifier.announce(version, kind);
    store.noteAnnounced(version);
  };
  gateway.serve({
    s3: new S3Service({
      store,
      buckets: model.buckets.map(({ name }) => name),
      access,
      announce,
    }),
    sqs,
    'rds-data': dataApi,
    secretsmanager: new SecretsService(secrets, access),
  });

  const hosts = model.functions.map((fn) => hostOf(fn, endpoint, directory.folder('logs')));
  const hostNamed = (name: string) => hosts.find((host) => host.model.name === name)!;
  stopSteps.push(() => Promise.all(hosts.map((host) => host.stop())));
  for (const name of model.triggers) await hostNamed(name).invoke({});
  if (faults !== undefined) {
    const crash = async (token: string) => void (await Promise.all(hosts.map((host) => host.crash(token))));
    gateway.intercept(faultyCalls(faults, crash));
  }
  await notifier.sendTestEvents();
  for (const { version, kind } of store.unannounced()) await announce(version, kind);

  const pollers = model.eventSources.map((source) => {
    const host = hostNamed(source.functionName);
    const queueUrl = model.queues.find(({ arn }) => arn === source.queueArn)!.url;
    const caller = callers.get(source.functionName)!;
    return new EventSourcePoller({ source, queueUrl, sqs, host, caller, faults, onError: onProblem });
  });
  for (const poller of pollers) poller.start();
  const schedule = new Schedule(model.schedules, hosts, onProblem);
  const lapse = timeLapse ? new TimeLapse(queues, hosts) : undefined;
  stopSteps.push(() => {
    for (const part of [...pollers, schedule, lapse]) part?.stop();
  });

  const analyst = secrets.ofUser('retail_analyst');
  url.username = analyst.username;
  url.password = analyst.password;
  const running = { pid: process.pid, endpoint, databaseUrl: url.href, outputs: model.outputs };
  directory.publish(running);
  return { running, access, timeLapse: lapse, hosts };
}

async function startPostgres(
  directory: DataDirectory,
  databaseUrl: string | undefined,
): Promise<PostgresServer> {
  if (databaseUrl !== undefined) return { adminUrl: databaseUrl, stop: async () => undefined };
  directory.folder('logs');
  return startEmbeddedPostgres(directory.folder('postgres'), directory.file('logs/postgres.log'));
}

function hostOf(model: FunctionModel, endpoint: string, logDir: string): FunctionHost {
  const logFile = `${logDir}/${model.name}.log`;
  return new FunctionHost({ model, endpoint, accessKey: model.name, logFile });
}

/** Every function is known by its name as access key. */
function addCallers({ functions, resourcePolicies }: CloudModel, access: AccessControl): Map<string, Caller> {
  for (const { resourceArn, statements } of resourcePolicies)
    access.addResourcePolicy(resourceArn, statements);
  return new Map(
    functions.map(({ name, arn, statements }) => {
      const caller: Caller = { arn, kind: 'function', statements };
      access.addCaller(name, caller);
      return [name, caller] as const;
    }),
  );
}

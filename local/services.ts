import { type CloudModel, readCloudModel } from './assembly/read-cloud-model.ts';
import { synthesize } from './assembly/synthesize.ts';
import type { LocalCloudOptions } from './cloud-options.ts';
import { CloudFormationService } from './cloudformation/cloudformation-service.ts';
import { DataApiService } from './data-api/data-api-service.ts';
import type { DataDirectory } from './data-directory.ts';
import { LambdaService } from './functions/lambda-service.ts';
import { logFileOf } from './functions/platform-log.ts';
import { apiAuthenticator } from './gateway/authenticate.ts';
import { LocalControl } from './gateway/control.ts';
import { Gateway } from './gateway/gateway.ts';
import { AccessControl, addPolicies } from './iam/access-control.ts';
import { AccessKeys } from './iam/access-keys.ts';
import { StsService } from './iam/sts-service.ts';
import { Alarms } from './monitoring/alarms.ts';
import { CloudWatchService } from './monitoring/cloudwatch-service.ts';
import { EventsService } from './monitoring/events-service.ts';
import { LogsService } from './monitoring/logs-service.ts';
import { isProducedFor, Meter } from './monitoring/metric-sources.ts';
import { MetricStore } from './monitoring/metric-store.ts';
import { SesService } from './monitoring/ses-service.ts';
import { createDatabase } from './postgres/create-database.ts';
import { type PostgresServer, startEmbeddedPostgres } from './postgres/embedded-server.ts';
import { Notifier } from './s3/notifier.ts';
import type { CreationKind, ObjectVersion } from './s3/object-files.ts';
import { ObjectStore } from './s3/object-store.ts';
import { S3Service } from './s3/s3-service.ts';
import { Rotations } from './secrets/rotations.ts';
import { SecretStore } from './secrets/secret-store.ts';
import { SecretsService } from './secrets/secrets-service.ts';
import { readQueueSettings } from './sqs/queue-engine.ts';
import { SqliteQueueEngine } from './sqs/sqlite-engine.ts';
import { SqsService } from './sqs/sqs-service.ts';

/** CloudWatch evaluates an alarm every minute (CloudWatch user guide, "Alarm evaluation settings"). */
const EVALUATION_MILLISECONDS = 60_000;

/** The AWS services with the resources of the assembly. */
export type CloudServices = Awaited<ReturnType<typeof startServices>>;

/** Starts PostgreSQL, and opens the stores and the gateway. */
export async function startServices(
  { project, directory, port = 0, databaseUrl, assemblyDir, onProblem, faults }: LocalCloudOptions,
  started: AsyncDisposableStack,
) {
  const access = new AccessControl(onProblem);
  const keys = AccessKeys.open(directory);
  const gateway = new Gateway(access, keys, onProblem, project.signInAdvice);
  const endpoint = await gateway.listen(port);
  started.defer(() => gateway.close());

  const dir = assemblyDir ?? directory.file('assembly');
  const [server] = await Promise.all([
    startPostgres(directory, databaseUrl, onProblem).then((postgres) => {
      started.defer(() => postgres.stop());
      return postgres;
    }),
    assemblyDir === undefined ? synthesize(project, dir) : undefined,
  ]);
  const control = new LocalControl(apiAuthenticator({ access, keys }, gateway.signIn), server.outage);
  gateway.serveControl(control);
  const model = await readCloudModel(dir, endpoint, project.leftOutStacks);
  addPolicies(model, access);
  const cluster = model.clusters[0]!;
  const secrets = new SecretStore(directory.file('secrets.json'), model.secrets);
  const url = await createDatabase(server.adminUrl, cluster, secrets.ofUser(cluster.masterUsername));

  const queueEngine = new SqliteQueueEngine(directory.folder('sqs'), readQueueSettings(model.queues));
  started.defer(() => queueEngine.close());
  const { meter, readAlarms } = watch(model, queueEngine, started, onProblem);
  const sqs = new SqsService(queueEngine, access, meter);
  const store = new ObjectStore(directory.folder('s3'));
  started.defer(() => store.close());
  checkBuckets(store, model, directory);
  const { arn: clusterArn, databaseName } = cluster;
  const address = { host: url.hostname, port: Number(url.port || 5432) };
  const dataApi = new DataApiService({ clusterArn, databaseName, ...address, access, secrets });
  started.defer(() => dataApi.close());

  const rotations = new Rotations(model.rotations, secrets, onProblem);
  const notifier = new Notifier({
    notifications: model.notifications,
    access,
    faults,
    send: (queueArn, body) => {
      const { name } = queueEngine.queues.find(({ arn }) => arn === queueArn)!;
      return queueEngine.send(name, [{ body, attributes: {}, delaySeconds: 0 }]);
    },
  });
  const announce = async (version: ObjectVersion, kind: CreationKind) => {
    await notifier.announce(version, kind);
    store.noteAnnounced(version);
  };
  const buckets = model.buckets.map(({ name }) => name);
  const lambda = new LambdaService({ ...model, access });
  const logDir = directory.folder('logs');
  const logGroups = model.logGroups.map(({ name, functionName }) => {
    return { name, file: logFileOf(logDir, functionName) };
  });
  gateway.serve({
    s3: new S3Service({ store, buckets, notifications: model.notifications, access, announce }),
    sqs,
    'rds-data': dataApi,
    secretsmanager: new SecretsService(secrets, rotations, access),
    cloudformation: new CloudFormationService(model.stacks, access),
    sts: new StsService(),
    lambda,
    logs: new LogsService(logGroups, access),
    events: new EventsService(model.schedules, access, directory.folder('events')),
    ses: new SesService(access, directory.folder('mails')),
    monitoring: new CloudWatchService(readAlarms, access),
  });
  /** Sends S3's test events, and the events of versions that were put just before a crash. */
  const sendDueEvents = async () => {
    await notifier.sendTestEvents();
    for (const { version, kind } of store.unannounced()) await announce(version, kind);
  };
  /** Connects as the project's database user, and changes when the secret of that user is rotated. */
  const currentDatabaseUrl = () => {
    const { username, password } = secrets.ofUser(project.databaseUser);
    return Object.assign(new URL(url), { username, password }).href;
  };
  return {
    model,
    access,
    keys,
    gateway,
    control,
    signInSecret: gateway.signIn.secret,
    endpoint,
    queueEngine,
    sqs,
    lambda,
    secrets,
    rotations,
    meter,
    databaseUrl: currentDatabaseUrl,
    sendDueEvents,
  };
}

/** Measures the queues and evaluates the alarms, every minute and at each call. */
function watch(
  model: CloudModel,
  engine: SqliteQueueEngine,
  started: AsyncDisposableStack,
  onProblem: (problem: Error) => void,
) {
  const store = new MetricStore();
  const meter = new Meter(store);
  const names = [model.queues, model.functions].map((list) => list.map(({ name }) => name));
  const alarms = new Alarms(model.alarms, store, isProducedFor(names[0]!, names[1]!));
  const readAlarms = async () => {
    await meter.sampleQueues(engine);
    alarms.evaluate();
    return alarms.list();
  };
  // How long a queue has been too long, and when an alarm began, cannot be found out afterwards.
  const timer = setInterval(() => readAlarms().catch(onProblem), EVALUATION_MILLISECONDS);
  started.defer(() => clearInterval(timer));
  return { meter, readAlarms };
}

/** @throws {Error} if the directory has files of a bucket that is not in the assembly */
function checkBuckets(store: ObjectStore, { buckets }: CloudModel, directory: DataDirectory): void {
  const names = buckets.map(({ name }) => name);
  const foreign = store.bucketNames().filter((name) => !names.includes(name));
  if (foreign.length === 0) return;
  throw new Error(
    `${directory.path} is the data directory of another stage or release: it has files in ${foreign.join(', ')}, but the buckets of this assembly are ${names.join(', ')}. Choose another with --data-dir and load the files there. Nothing was changed`,
  );
}

async function startPostgres(
  directory: DataDirectory,
  databaseUrl: string | undefined,
  onProblem: (problem: Error) => void,
): Promise<PostgresServer> {
  if (databaseUrl !== undefined) return { adminUrl: databaseUrl, stop: async () => undefined };
  directory.folder('logs');
  return startEmbeddedPostgres(directory.folder('postgres'), directory.file('logs/postgres.log'), onProblem);
}

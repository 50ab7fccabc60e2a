import { ApiGateway } from '../api-gateway/api-gateway.ts';
import type { FunctionModel, ScheduleModel } from '../assembly/readers/function-readers.ts';
import type { LocalCloudOptions } from '../cloud-options.ts';
import { faultyCalls } from '../faults/faulty-calls.ts';
import { apiAuthenticator } from '../gateway/authenticate.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { Caller } from '../iam/principals.ts';
import type { CloudServices } from '../services.ts';
import type { QueueEngine } from '../sqs/queue-engine.ts';
import { EventSourcePoller } from './event-source-poller.ts';
import { FunctionHost } from './function-host.ts';
import { logFileOf } from './platform-log.ts';

export type RunningFunctions = Awaited<ReturnType<typeof startFunctions>>;

/** Calls the functions that a deployment calls, then lets messages and schedules call functions. */
export async function startFunctions(
  {
    model,
    access,
    keys,
    gateway,
    endpoint,
    queueEngine,
    sqs,
    lambda,
    rotations,
    meter,
    sendDueEvents,
  }: CloudServices,
  { directory, onProblem, faults, timeLapse = false }: LocalCloudOptions,
  started: AsyncDisposableStack,
) {
  const logDir = directory.folder('logs');
  const hosts = model.functions.map((fn) => {
    const { name, arn, roleArn, statements } = fn;
    const caller: Caller = { arn, principalArn: roleArn, kind: 'function', statements };
    access.addCaller(name, caller);
    const onStart = () => authorizeTelemetry(access, caller, fn);
    const secretAccessKey = keys.secretOf(name);
    const logFile = logFileOf(logDir, name);
    return new FunctionHost({
      model: fn,
      endpoint,
      secretAccessKey,
      logFile,
      onLogError: onProblem,
      onStart,
      meter,
    });
  });
  const hostNamed = (name: string) => hosts.find((host) => host.model.name === name)!;
  started.defer(async () => void (await Promise.all(hosts.map((host) => host.stop()))));
  for (const name of model.triggers) await hostNamed(name).invoke({});
  if (faults !== undefined) {
    const crash = async (token: string) => void (await Promise.all(hosts.map((host) => host.crash(token))));
    gateway.intercept(faultyCalls(faults, crash));
  }
  rotations.callWith(async (functionArn, event) => {
    access.authorizeService('secretsmanager', 'lambda:InvokeFunction', functionArn, event.SecretId);
    return hosts.find((host) => host.model.arn === functionArn)!.invoke(event);
  });
  await sendDueEvents();
  const pollers = model.eventSources.map((source) => {
    const host = hostNamed(source.functionName);
    const queueUrl = model.queues.find(({ arn }) => arn === source.queueArn)!.url;
    const caller = access.findCaller(source.functionName)!;
    return new EventSourcePoller({ source, queueUrl, sqs, host, caller, faults, onError: onProblem });
  });
  for (const poller of pollers) poller.start();
  lambda.connect({
    invoke: (name, event) => hostNamed(name).invoke(event),
    setEnabled(mappingId, isEnabled) {
      const poller = pollers[model.eventSources.findIndex(({ id }) => id === mappingId)];
      if (isEnabled) poller?.start();
      else poller?.stop();
    },
  });
  const apis = new ApiGateway({
    ...{ apis: model.apis, hosts, access, onProblem },
    authenticate: apiAuthenticator({ access, keys }, gateway.signIn),
  });
  started.defer(() => apis.close());
  gateway.serveApis(apis);
  const schedule = new Schedule(model.schedules, hosts, access, onProblem);
  const lapse = timeLapse ? new TimeLapse(queueEngine, hosts, pollers) : undefined;
  started.defer(() => {
    for (const part of [...pollers, schedule, lapse]) part?.stop();
  });
  return { hosts, schedule, timeLapse: lapse };
}

/** Authorizes Lambda to log and trace. A denial is reported, and the function runs without. */
function authorizeTelemetry(access: AccessControl, caller: Caller, { telemetry }: FunctionModel): void {
  for (const { action, resource } of telemetry) {
    try {
      access.authorize(caller, action, resource);
    } catch {
      // The access control has reported the denial.
    }
  }
}

/** Calls functions at their rates with the permissions of EventBridge, first after one period. */
export class Schedule {
  #timers: NodeJS.Timeout[];
  #models: readonly ScheduleModel[];
  /** The functions that have a schedule. */
  readonly hosts: readonly FunctionHost[];
  #access: AccessControl;

  /** @param onError receives the error of a failed invocation; the schedule continues */
  constructor(
    models: readonly ScheduleModel[],
    hosts: readonly FunctionHost[],
    access: AccessControl,
    onError: (error: Error) => void,
  ) {
    this.#models = models;
    this.hosts = hosts.filter(({ model }) =>
      models.some(({ functionArns }) => functionArns.includes(model.arn)),
    );
    this.#access = access;
    this.#timers = models.map(({ functionArns, everySeconds }) => {
      const targets = hosts.filter(({ model }) => functionArns.includes(model.arn));
      const invokeAll = () => {
        for (const host of targets) this.invoke(host).catch(onError);
      };
      return setInterval(invokeAll, everySeconds * 1_000);
    });
  }

  /**
   * Calls a function now: as EventBridge where a schedule has it, else as its operator.
   * @throws {Error} where it does not let EventBridge, or fails
   */
  async invoke(host: FunctionHost): Promise<unknown> {
    const { arn } = host.model;
    const rule = this.#models.find(({ functionArns }) => functionArns.includes(arn));
    if (rule === undefined) return host.invoke({});
    this.#access.authorizeService('events', 'lambda:InvokeFunction', arn, rule.ruleArn);
    return host.invoke({ 'detail-type': 'Scheduled Event' });
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}

const LOOK_MILLISECONDS = 10;
/** Consecutive looks without any work in progress before time is skipped. */
const IDLE_LOOKS = 2;

/**
 * Skips the time in which messages wait for their next try and no function runs, so that hours of delays take
 * moments. Only the queues see this time; everything else uses the machine's clock.
 */
export class TimeLapse {
  /** Total time skipped. */
  elapsedSeconds = 0;
  #timer: NodeJS.Timeout;

  constructor(
    queues: QueueEngine,
    hosts: readonly FunctionHost[],
    pollers: readonly Pick<EventSourcePoller, 'isGathering' | 'endWindows'>[],
  ) {
    let idleLooks = 0;
    this.#timer = setInterval(() => {
      const seconds = hosts.some((host) => host.isBusy) ? undefined : queues.secondsToNextMessage();
      idleLooks = seconds === undefined ? 0 : idleLooks + 1;
      if (seconds === undefined || idleLooks < IDLE_LOOKS) return;
      const gathering = pollers.filter(({ isGathering }) => isGathering);
      for (const poller of gathering) poller.endWindows();
      // The messages of a batch are in flight: their visibility timeout must not end before their delivery.
      if (gathering.length > 0) return;
      queues.passTime(seconds);
      this.elapsedSeconds += seconds;
    }, LOOK_MILLISECONDS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

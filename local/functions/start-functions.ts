import type { CloudModel } from '../assembly/read-cloud-model.ts';
import type { FunctionModel } from '../assembly/readers/function-readers.ts';
import type { LocalCloudOptions } from '../cloud-options.ts';
import { faultyCalls } from '../faults/faulty-calls.ts';
import type { AccessControl, Caller } from '../iam/access-control.ts';
import type { CloudServices } from '../services.ts';
import type { QueueEngine } from '../sqs/queue-engine.ts';
import { EventSourcePoller } from './event-source-poller.ts';
import { FunctionHost } from './function-host.ts';
import { Schedule } from './schedule.ts';

const SECRETS_MANAGER: Caller = { arn: 'secretsmanager.amazonaws.com', kind: 'service', statements: [] };

export type RunningFunctions = Awaited<ReturnType<typeof startFunctions>>;

/** Calls the functions that a deployment calls, then lets messages and schedules call functions. */
export async function startFunctions(
  { model, access, gateway, endpoint, queueEngine, sqs, rotations, sendDueEvents }: CloudServices,
  { directory, onProblem, faults, timeLapse = false }: LocalCloudOptions,
  started: AsyncDisposableStack,
) {
  const callers = addFunctions(model, access);
  const logDir = directory.folder('logs');
  const hosts = model.functions.map((fn) => {
    const onStart = () => authorizeTelemetry(access, callers.get(fn.name)!, fn);
    return new FunctionHost({ model: fn, endpoint, logFile: `${logDir}/${fn.name}.log`, onStart });
  });
  const hostNamed = (name: string) => hosts.find((host) => host.model.name === name)!;
  started.defer(async () => void (await Promise.all(hosts.map((host) => host.stop()))));
  for (const name of model.triggers) await hostNamed(name).invoke({});
  if (faults !== undefined) {
    const crash = async (token: string) => void (await Promise.all(hosts.map((host) => host.crash(token))));
    gateway.intercept(faultyCalls(faults, crash));
  }
  rotations.callWith(async (functionArn, event) => {
    const source = { 'aws:SourceArn': event.SecretId };
    access.authorize(SECRETS_MANAGER, 'lambda:InvokeFunction', functionArn, source);
    return hosts.find((host) => host.model.arn === functionArn)!.invoke(event);
  });
  await sendDueEvents();
  const pollers = model.eventSources.map((source) => {
    const host = hostNamed(source.functionName);
    const queueUrl = model.queues.find(({ arn }) => arn === source.queueArn)!.url;
    const caller = callers.get(source.functionName)!;
    return new EventSourcePoller({ source, queueUrl, sqs, host, caller, faults, onError: onProblem });
  });
  for (const poller of pollers) poller.start();
  const schedule = new Schedule(model.schedules, hosts, access, onProblem);
  const lapse = timeLapse ? new TimeLapse(queueEngine, hosts) : undefined;
  started.defer(() => {
    for (const part of [...pollers, schedule, lapse]) part?.stop();
  });
  return { hosts, schedule, timeLapse: lapse };
}

/** Registers every function as a caller, with its name as the access key. */
function addFunctions({ functions }: CloudModel, access: AccessControl): Map<string, Caller> {
  return new Map(
    functions.map(({ name, arn, statements }) => {
      const caller: Caller = { arn, kind: 'function', statements };
      access.addCaller(name, caller);
      return [name, caller] as const;
    }),
  );
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

  constructor(queues: QueueEngine, hosts: readonly FunctionHost[]) {
    let idleLooks = 0;
    this.#timer = setInterval(() => {
      const seconds = hosts.some((host) => host.isBusy) ? undefined : queues.secondsToNextMessage();
      idleLooks = seconds === undefined ? 0 : idleLooks + 1;
      if (seconds === undefined || idleLooks < IDLE_LOOKS) return;
      queues.passTime(seconds);
      this.elapsedSeconds += seconds;
    }, LOOK_MILLISECONDS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

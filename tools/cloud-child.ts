import { LOCAL_PROJECT } from '../cli/local-project.ts';
import { DataDirectory, type RunningCloud } from '../local/data-directory.ts';
import type { CallFault, DeliveryFault, EventFault, FaultPlan } from '../local/faults/fault-plan.ts';
import { LocalCloud } from '../local/local-cloud.ts';
import { mixFaults } from './chaos/fault-mix.ts';

/** The only argument of this program, as JSON. */
export interface CloudArguments {
  readonly dataDir: string;
  readonly assemblyDir: string;
  /** Takes fault plans, skips waiting time and sweeps all the time. @default false */
  readonly isChaos?: boolean;
}

export type FromCloud =
  | { readonly kind: 'ready'; readonly running: RunningCloud }
  | { readonly kind: 'fault'; readonly fault: string }
  | { readonly kind: 'denied'; readonly message: string };

/** Seed whose faults to inject from now on. */
export type ToCloud = { readonly seed: number };

const SWEEP_MILLISECONDS = 500;

const { dataDir, assemblyDir, isChaos = false } = JSON.parse(process.argv[2]!) as CloudArguments;
let plan: FaultPlan = {};

function post(message: FromCloud): void {
  if (process.connected) process.send!(message);
}

function report<Fault extends CallFault | DeliveryFault | EventFault>(fault?: Fault): Fault | undefined {
  if (fault !== undefined) post({ kind: 'fault', fault: nameFault(fault) });
  return fault;
}

function nameFault(fault: CallFault | DeliveryFault | EventFault): string {
  if (typeof fault === 'string') return `event ${fault}`;
  return 'when' in fault ? `${fault.kind} ${fault.when} a call` : fault.kind;
}

const faults: FaultPlan = {
  onCall: (call) => report(plan.onCall?.(call)),
  onDelivery: (delivery) => report(plan.onDelivery?.(delivery)),
  onEvent: (version) => report(plan.onEvent?.(version)),
};
const starting = LocalCloud.start({
  project: LOCAL_PROJECT,
  directory: new DataDirectory(dataDir),
  assemblyDir,
  ...(isChaos && { faults, timeLapse: true }),
  onProblem: ({ name, message }) => {
    if (name === 'AccessDeniedError') post({ kind: 'denied', message });
    else if (!isChaos) process.stderr.write(`${message}\n`);
  },
});
process.on('message', ({ seed }: ToCloud) => {
  plan = mixFaults(seed);
});
let isStopping = false;
const stop = () => {
  // Ctrl-C in a terminal reaches this process and its parent, which then sends another signal.
  if (!isStopping) void starting.then((started) => started.stop()).finally(() => process.exit());
  isStopping = true;
};
// If the parent process is gone, nothing else stops this one.
process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop).on('disconnect', stop);
const cloud = await starting;

/** Sweeps, pauses and repeats: while a function runs, no waiting time is skipped. */
async function sweepAgain(): Promise<void> {
  // A fault may hit the sweep. The next one does the same work.
  await cloud.invoke('sweep').catch(() => undefined);
  setTimeout(() => void sweepAgain(), SWEEP_MILLISECONDS);
}
if (isChaos) void sweepAgain();
post({ kind: 'ready', running: cloud.running });

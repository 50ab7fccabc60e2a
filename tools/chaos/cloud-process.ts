import { DataDirectory } from '../../local/data-directory.ts';
import type { FaultPlan } from '../../local/faults/fault-plan.ts';
import { LocalCloud } from '../../local/local-cloud.ts';
import type { FromCloud, ToCloud } from './cloud-child.ts';
import { faultMix } from './fault-mix.ts';

/** The process that is killed: a local cloud in which the faults of a seed happen. */
const [dataDir = '', assemblyDir = ''] = process.argv.slice(2);
const SWEEP_MILLISECONDS = 500;

const post = (message: FromCloud) => {
  if (process.connected) process.send!(message);
};
/** The plan of the seed that is running. */
let plan: FaultPlan = {};
function tell<Fault>(fault: Fault | undefined, name: (fault: Fault) => string): Fault | undefined {
  if (fault !== undefined) post({ kind: 'fault', fault: name(fault) });
  return fault;
}
const cloud = await LocalCloud.start({
  directory: new DataDirectory(dataDir),
  assemblyDir,
  timeLapse: true,
  faults: {
    onCall: (call) =>
      tell(plan.onCall?.(call), (fault) =>
        'when' in fault ? `${fault.kind} ${fault.when} a call` : fault.kind,
      ),
    onDelivery: (delivery) => tell(plan.onDelivery?.(delivery), ({ kind }) => kind),
    onEvent: (version) => tell(plan.onEvent?.(version), (fault) => `event ${fault}`),
  },
  onProblem: ({ name, message }) => post({ kind: 'problem', name, message }),
});
process.on('message', (message: ToCloud) => {
  if (message.kind === 'play') plan = faultMix(message.seed);
  else post({ kind: 'at-work', runningSeconds: cloud.runningSeconds() });
});
const stop = () => void cloud.stop().then(() => process.exit());
// Whoever started it may be gone: then nobody stops it but itself.
process.on('SIGINT', stop).on('disconnect', stop);
/** Sweeps again and again, with a pause: while a function runs, no time is passed over. */
async function sweepOften(): Promise<void> {
  // It may be what a fault hits: the next sweep is as good.
  await cloud.invoke('sweep').catch(() => undefined);
  setTimeout(() => void sweepOften(), SWEEP_MILLISECONDS);
}
void sweepOften();
post({ kind: 'ready', running: cloud.running });

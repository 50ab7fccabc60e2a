import { DataDirectory } from '../local/data-directory.ts';
import { LocalCloud } from '../local/local-cloud.ts';
import type { FromCloud, ToCloud } from './cloud-child.ts';
import { faultMix } from './fault-mix.ts';

/** The process that is killed: a local cloud in which the faults of a seed happen. */
const [dataDir = '', assemblyDir = ''] = process.argv.slice(2);
const SWEEP_MILLISECONDS = 500;

const post = (message: FromCloud) => process.send!(message);
let faults = {};
const cloud = await LocalCloud.start({
  directory: new DataDirectory(dataDir),
  assemblyDir,
  timeLapse: true,
  // The plan of the seed that is running.
  faults: {
    onCall: (call) => (faults as ReturnType<typeof faultMix>).onCall?.(call),
    onDelivery: (delivery) => (faults as ReturnType<typeof faultMix>).onDelivery?.(delivery),
    onEvent: (version) => (faults as ReturnType<typeof faultMix>).onEvent?.(version),
  },
  onProblem: ({ name, message }) => post({ kind: 'problem', name, message }),
});
process.on('message', (message: ToCloud) => {
  faults = message.seed === undefined ? {} : faultMix(message.seed);
});
process.on('SIGINT', () => void cloud.stop().then(() => process.exit()));
let sweeping = false;
setInterval(() => {
  if (sweeping) return;
  sweeping = true;
  // It may be what a fault hits: the next sweep is as good.
  const swept = cloud.invoke('sweeper').catch(() => undefined);
  void swept.then(() => {
    sweeping = false;
  });
}, SWEEP_MILLISECONDS);
post({ kind: 'ready', running: cloud.running });

import type { Command } from 'commander';
import { parseWhole } from '../../cli/command.ts';
import { EXIT, UserError, wrongUsage } from '../../cli/exit-codes.ts';
import { note, print, printJson } from '../../cli/output/console.ts';
import { writeTables } from '../documents.ts';
import { MEASURED_CONSUMPTION } from './consumption.ts';
import { estimate, type Workload } from './estimate.ts';
import { formatExamples, formatLines, toJson } from './report.ts';

const MAX_ROWS = 10_000_000_000;
const MAX_FILES = 1_000_000;
const HELP = `
The estimate multiplies the list prices of tools/cost/prices.json (without tax and free tiers) by
the measured consumption in tools/cost/consumption.json. "npm run bench -- --only consumption --write"
measures it again. Rows of calls count in --rows-per-day, and the objects that collect them in
--files-per-day: a shop has one for each "retail:apiCollectSeconds" in which it sends. One processor of the measuring machine counts as one processor of Lambda.
Not included: Aurora's own backups beyond the size of its volume, access and network logs, the
monthly restore test, and data transfer to another region.`;

interface Options extends Omit<Workload, 'rowsPerDay' | 'filesPerDay'> {
  readonly rowsPerDay?: number;
  readonly filesPerDay?: number;
  readonly stage: string;
  readonly json: boolean;
  readonly table: boolean;
  readonly write: boolean;
}

export function addCost(program: Command): void {
  program
    .command('cost')
    .description('estimate the cost of a stage in a month on AWS')
    .option('--rows-per-day <n>', 'rows uploaded in a day', parseWhole(0, MAX_ROWS))
    .option('--files-per-day <n>', 'files that contain these rows (default: 1)', parseWhole(0, MAX_FILES))
    .option('--stage <name>', 'stage of cdk.json', 'dev')
    .option('--months <n>', 'months since the first row; stored data grows', parseWhole(1, 120), 12)
    .option('--calls-per-day <n>', 'calls of the HTTP API', parseWhole(0, MAX_ROWS), 0)
    .option('--messages-per-day <n>', 'messages to the WebSocket API', parseWhole(0, MAX_ROWS), 0)
    .option('--connections <n>', 'tills with a WebSocket connection all day', parseWhole(0, MAX_FILES), 0)
    .option('--athena-gb <n>', 'GB that Athena queries scan in a month', parseWhole(0, 1_000_000), 0)
    .option('--quicksight-authors <n>', 'QuickSight authors', parseWhole(0, 10_000), 0)
    .option('--quicksight-readers <n>', 'QuickSight readers', parseWhole(0, 100_000), 0)
    .option('--json', 'print one JSON document', false)
    .option('--table', 'print the table of the documentation', false)
    .option('--write', 'write the table into the documentation', false)
    .addHelpText('after', HELP)
    .action(estimateCost);
}

async function estimateCost({
  table,
  write,
  json,
  stage,
  rowsPerDay,
  filesPerDay = rowsPerDay === 0 ? 0 : 1,
  ...others
}: Options): Promise<void> {
  if (table || write) {
    const examples = await formatExamples();
    if (write) note(`written: ${writeTables('costs', () => examples).join(', ') || 'no change'}`);
    else print(examples.split('\n'));
    return;
  }
  if (rowsPerDay === undefined) throw wrongUsage('--rows-per-day is missing; pass it, or --table or --write');
  if (rowsPerDay > 0 && filesPerDay === 0) {
    throw wrongUsage('--files-per-day is 0, but rows are uploaded in files; pass at least 1');
  }
  const workload = { ...others, rowsPerDay, filesPerDay };
  const lines = estimate(workload, await findInventory(stage), MEASURED_CONSUMPTION);
  if (json) printJson({ stage, ...workload, ...toJson(lines) });
  else print(formatLines(lines).split('\n'));
}

async function findInventory(stage: string) {
  // The CDK is imported only if the other options are valid.
  const { readInventory } = await import('./inventory.ts');
  try {
    return readInventory(stage);
  } catch (cause) {
    throw new UserError((cause as Error).message, EXIT.wrongUsage, { cause });
  }
}

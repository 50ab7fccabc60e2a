import type { CloudClient } from '../../../cli/cloud-client.ts';
import type { CloudOptions } from '../../../cli/command.ts';
import { main } from '../../../cli/main.ts';
import { createIo } from '../../../cli/output/console.ts';
import { readRules } from '../../../lib/settings/read-settings.ts';

/** Runs the program in this process, with output in memory and a cloud that only records its options. */
export async function runInProcess(args: readonly string[], client: Partial<CloudClient> = {}) {
  const printed: string[] = [];
  const noted: string[] = [];
  const clouds: CloudOptions[] = [];
  const code = await main(args, {
    io: createIo({
      print: (text) => void printed.push(text),
      note: (text) => void noted.push(text),
      showProgress: () => undefined,
    }),
    readRules: async (stage) => readRules(stage),
    withCloud: async (options, work) => {
      clouds.push(options);
      return work(client as CloudClient);
    },
  });
  return { code, stdout: printed.join('\n'), stderr: noted.join('\n'), clouds };
}

import type { CloudClient } from '../../../cli/cloud-client.ts';
import type { CloudOptions } from '../../../cli/command.ts';
import { main } from '../../../cli/main.ts';
import { createIo } from '../../../cli/output/console.ts';
import { DEFAULT_RULES } from '../../../lambdas/core/rules.ts';
import { checkFile } from '../../../lambdas/parse/check-file.ts';

const { taxes, returns, isKnownStore, ...rules } = DEFAULT_RULES;
/** The stores "main" and "oslo" are known. */
const PARSER_SETTINGS = {
  document: { rules, taxes, returns: { '*': returns }, profiles: [], knownStores: ['main', 'oslo'] },
  limits: { maxMessageBytes: 1_000_000, maxUnpackedMiB: 100, maxRejectedRows: 1_000 },
};

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
    parseFile: async (file, _stage, onBatch) => checkFile(file, PARSER_SETTINGS, onBatch),
    withCloud: async (options, work) => {
      clouds.push(options);
      return work(client as CloudClient);
    },
  });
  return { code, stdout: printed.join('\n'), stderr: noted.join('\n'), clouds };
}

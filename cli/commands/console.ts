import { pickOptionalOutputs } from '../../lambdas/shared/stacks.ts';
import type { RunningCloud } from '../../local/data-directory.ts';
import { createSignInLink } from '../../local/gateway/sign-in.ts';
import type { CommandSpec } from '../command.ts';
import { EXIT, UserError } from '../exit-codes.ts';
import { readRunningCloud } from '../local-access.ts';

export const CONSOLE: CommandSpec<{ readonly dataDir: string }> = {
  name: 'console',
  description: 'print a link that opens the console of the running local cloud, once',
  isLocal: true,
  stageAdvice:
    'The console of a stage is a web page: open the output HttpApiUrl of its pipeline stack, followed by /console.',
  async run(_args, { dataDir }, { io }) {
    const link = createConsoleLink(readRunningCloud(dataDir));
    if (link === undefined) {
      throw new UserError(
        'this pipeline has no HTTP API, which serves the console: see the setting retail:api',
      );
    }
    io.print(link);
    return EXIT.done;
  },
};

/** @returns undefined for a pipeline without the HTTP API */
export function createConsoleLink(running: RunningCloud): string | undefined {
  const { httpApiUrl } = pickOptionalOutputs(running.outputs);
  return httpApiUrl && createSignInLink(running, `${httpApiUrl}/console`);
}

import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type CommonOptions, withCommonOptions } from '../options.ts';
import { note, print, printJson } from '../output/console.ts';
import { verify } from '../verification.ts';
import { withCloud } from '../with-cloud.ts';

const HELP = `
An object that was dropped a moment ago and is not in the ledger yet counts as a difference: look again.
"retail replay KEY" sends an object that no upload is of through the pipeline.`;

export function addVerify(program: Command, finish: (code: ExitCode) => void): void {
  const command = program
    .command('verify')
    .description('check that every row is accounted for: bucket against ledger, ledger against table')
    .addHelpText('after', HELP);
  withCommonOptions(command).action(async (options: CommonOptions) => {
    const verification = await withCloud(options, verify);
    const { uploads, objects, loading, differences } = verification;
    if (options.json) printJson(verification);
    else {
      for (const { key, uploadId, text } of differences)
        print(`${key || uploadId || 'transactions'}: ${text}`);
      const found =
        differences.length === 0 ? 'every row is accounted for' : `${differences.length} differences`;
      print(`${uploads} uploads and ${objects} object versions checked: ${found}.`);
      if (loading > 0)
        note(`${loading} uploads are loading; they are complete when all their batches are in.`);
    }
    finish(differences.length === 0 ? EXIT.done : EXIT.failed);
  });
}

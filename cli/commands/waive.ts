import { plural } from '../../lambdas/core/plural.ts';
import type { CommandSpec, CommonOptions } from '../command.ts';
import { type DecisionOptions, decide, findDecidable, LINES, REASON } from '../decide.ts';
import { EXIT, UserError } from '../exit-codes.ts';
import { countOpenRows } from '../ledger.ts';
import { printJson } from '../output/console.ts';
import { formatNumber } from '../output/table.ts';
import { UPLOAD_ARGUMENT } from './retract.ts';

export const WAIVE: CommandSpec<CommonOptions & DecisionOptions> = {
  name: 'waive',
  description: 'say that rejected rows of a file need no correction',
  argument: UPLOAD_ARGUMENT,
  options: [LINES, REASON],
  help: `The rows stay in the ledger with the reason, who waived them and when. "retail
rejects UPLOAD --all" shows it.`,
  async run([name = ''], options, { io, withCloud }) {
    return withCloud(options, async (client) => {
      const upload = await findDecidable(client, name);
      const countOpen = async () => (await countOpenRows(client, [upload]))[0]!.rowsOpen ?? 0;
      const before = await countOpen();
      if (before === 0) throw new UserError(`${upload.key} has no open rejected row`);
      await decide(client, io, 'waive', upload, options);
      const open = await countOpen();
      const waived = before - open;
      if (options.json) printJson({ uploadId: upload.uploadId, key: upload.key, waived, open }, io);
      else
        io.print(
          `${upload.key}: ${formatNumber(waived)} rejected ${plural(waived, 'row is', 'rows are')} waived, ${formatNumber(open)} ${plural(open, 'is', 'are')} open.`,
        );
      return EXIT.done;
    });
  },
};

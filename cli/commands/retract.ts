import { Argument } from 'commander';
import { plural } from '../../lambdas/core/plural.ts';
import type { CommandSpec, CommonOptions } from '../command.ts';
import { type DecisionOptions, decide, FORCE, findDecidable, REASON, readChanged } from '../decide.ts';
import { EXIT, UserError } from '../exit-codes.ts';
import { formatNumber } from '../output/table.ts';
import { printUploads } from './uploads.ts';

export const UPLOAD_ARGUMENT = new Argument(
  '<upload>',
  'an upload id or its beginning, an object key, or a file name (its newest upload)',
);

export const RETRACT: CommandSpec<CommonOptions & DecisionOptions> = {
  name: 'retract',
  description: 'take the rows of a file out of the table',
  argument: UPLOAD_ARGUMENT,
  options: [REASON, FORCE],
  help: `The rows stay in ledger.other_versions, with who retracted them, when and why in
ledger.decisions. Where another file has the same id, its version takes their
place. To load the file again, drop it again.`,
  async run([name = ''], options, { io, withCloud }) {
    return withCloud(options, async (client) => {
      const upload = await findDecidable(client, name);
      const { key, rowsRead, rowsRejected, rowsRetracted } = upload;
      if (rowsRetracted > 0 && rowsRead === rowsRejected + rowsRetracted) {
        throw new UserError(`${key} is retracted already`);
      }
      const changed = await readChanged(client, await decide(client, io, 'retract', upload, options));
      if (!options.json) {
        const rows = changed.find(({ uploadId }) => uploadId === upload.uploadId)?.rowsRetracted ?? 0;
        const others =
          rowsRejected === 0
            ? ''
            : `, and its rejected rows (${formatNumber(rowsRejected)}) need no correction`;
        const text = `${key}: ${formatNumber(rows)} ${plural(rows, 'row is', 'rows are')} retracted${others}.`;
        io.print(changed.length === 0 ? text : [text, '']);
      }
      if (options.json || changed.length > 0) printUploads(io, changed, options.json);
      return EXIT.done;
    });
  },
};

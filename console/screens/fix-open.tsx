import { useState } from 'preact/hooks';
import type { UploadAnswer, UploadEntry } from '../../lambdas/core/api-answers.ts';
import { plural } from '../../lambdas/core/plural.ts';
import { format } from '../format.ts';
import { EmptyState, ErrorState, Skeleton, StaleNote } from '../parts/states.tsx';
import { announce } from '../parts/toast.tsx';
import { nameRejectCode } from '../reject-names.ts';
import { useSession } from '../session.ts';
import { showText } from '../show-text.ts';
import { FixBar } from './fix-bar.tsx';
import { NothingLeft } from './fix-nothing.tsx';
import type { Reason } from './fix-reasons.ts';
import { SameProblem } from './fix-same.tsx';
import type { CellChange } from './fix-sheet.ts';
import { useSheet, useSteps } from './fix-state.ts';
import { FixTable } from './fix-table.tsx';

/** Rejected rows that no file corrects yet, as a table whose cells can be changed. */
export function OpenRows({
  upload,
  code,
  onLoaded,
}: {
  readonly upload: UploadAnswer;
  readonly code: string | undefined;
  readonly onLoaded: () => void;
}) {
  const { loaded, error, isLoading } = useSheet(upload);
  const session = useSession();
  if (upload.header === null) {
    return upload.rows.open === 0 ? (
      <NothingLeft upload={upload} />
    ) : (
      <EmptyState title="These rows cannot be corrected here">
        <p>The file has no header. Correct the file itself, and send it again.</p>
      </EmptyState>
    );
  }
  if (loaded === undefined) return error ? <ErrorState error={error} /> : <Skeleton rows={6} />;
  if (loaded.sheet.open.length === 0 && !isLoading) return <NothingLeft upload={upload} />;
  return (
    <>
      {isLoading && (
        <p class="small muted" role="status">
          {format.count(loaded.sheet.rows.length)} of {format.count(upload.rows.open)}{' '}
          {plural(upload.rows.open, 'row is', 'rows are')} here. You can begin.
        </p>
      )}
      {isLoading && <StaleNote error={error} />}
      <Sheet
        upload={upload}
        loaded={loaded}
        code={code}
        maySend={session?.sends.includes(upload.store) ?? false}
        onLoaded={onLoaded}
      />
    </>
  );
}

interface SheetProps {
  readonly upload: UploadAnswer;
  readonly loaded: NonNullable<ReturnType<typeof useSheet>['loaded']>;
  /** Reject code whose rows are shown first. */
  readonly code: string | undefined;
  readonly maySend: boolean;
  readonly onLoaded: () => void;
}

function Sheet({ upload, loaded: { sheet, rules }, code, maySend, onLoaded }: SheetProps) {
  const [, setVersion] = useState(0);
  const [reason, setReason] = useState(() => sheet.reasons.find((each) => each.code === code)?.name ?? '');
  const [last, setLast] = useState<CellChange>();
  const [note, setNote] = useState('');
  const [sending, setSending] = useState<ReadonlySet<number>>(new Set());
  const redraw = () => setVersion((count) => count + 1);
  useSteps(sheet, redraw);
  // A corrected row stays where it is: the list changes only with the reason, and when rows come or go.
  const { open, reasons } = sheet;
  const rows = reasons.find(({ name }) => name === reason)?.rows ?? open;

  const edit = (row: number, column: number, value: string) => {
    const isChange = sheet.read(row, column) !== value;
    if (isChange && sending.has(row)) {
      announce('This row is being sent as it was. Wait for its result.', 'problem');
      return;
    }
    sheet.edit([{ row, column, value }]);
    if (isChange) setLast({ row, column, value });
    redraw();
  };
  const apply = (changes: readonly CellChange[]) => {
    sheet.edit(changes.filter(({ row }) => !sending.has(row)));
    setLast(undefined);
    redraw();
  };
  const undo = () => {
    // The last step may have changed rows that are being sent.
    if (sending.size > 0) return;
    sheet.undo();
    setLast(undefined);
    redraw();
  };
  const finish = (sent: readonly number[], { rows: result }: UploadEntry) => {
    sheet.remove(sent);
    setLast(undefined);
    redraw();
    onLoaded();
    const loaded = sent.length - result.duplicate;
    const others = [
      ...(result.duplicate > 0
        ? [
            `${format.count(result.duplicate)} ${plural(result.duplicate, 'was', 'were')} in the table already`,
          ]
        : []),
      ...(result.rejected > 0
        ? [`${format.count(result.rejected)} ${plural(result.rejected, 'was', 'were')} rejected again`]
        : []),
      ...(result.conflicting > 0
        ? [
            `${format.count(result.conflicting)} ${plural(result.conflicting, 'has', 'have')} an id that the table has with other values`,
          ]
        : []),
    ];
    const count = `${format.count(loaded)} ${plural(loaded, 'correction was', 'corrections were')} loaded`;
    setNote(`${[count, ...others].join('; ')}. ${format.count(sheet.open.length)} left.`);
  };
  /** Tells that rows were taken out, because others have corrected or waived them. */
  const settle = (count: number) => {
    setLast(undefined);
    redraw();
    onLoaded();
    const rows = plural(count, 'One row is', `${format.count(count)} rows are`);
    const message = `${rows} settled already, by another person or in another tab, and left the list.`;
    announce(message);
    setNote(`${message} Nothing was sent.`);
  };

  return (
    <>
      <fieldset class="row reasons">
        <legend class="visually-hidden">Reason</legend>
        <button type="button" class="chip" aria-pressed={rows === open} onClick={() => setReason('')}>
          All <span class="count">{format.count(open.length)}</span>
        </button>
        {reasons.map((each) => (
          <button
            key={each.name}
            type="button"
            class="chip"
            aria-pressed={rows === each.rows}
            onClick={() => setReason(each.name)}
          >
            {describeReason(each, reasons)} <span class="count">{format.count(each.rows.length)}</span>
          </button>
        ))}
      </fieldset>
      <FixTable sheet={sheet} rows={rows} filter={reason} onEdit={edit} onUndo={undo} />
      <div class="fix-bar">
        <SameProblem sheet={sheet} last={last} onApply={apply} onClose={() => setLast(undefined)} />
        <FixBar
          upload={upload}
          sheet={sheet}
          rules={rules}
          maySend={maySend}
          note={note}
          onUndo={undo}
          onSending={setSending}
          onLoaded={finish}
          onSettled={settle}
          onChange={redraw}
        />
      </div>
    </>
  );
}

/** The column tells reasons of the same name apart. */
function describeReason({ name, code, field }: Reason, reasons: readonly Reason[]): string {
  const isAlone = reasons.every((other) => other.name === name || other.code !== code);
  const label = nameRejectCode(code);
  return isAlone || field === '' ? label : `${label}: ${showText(field, 30)}`;
}

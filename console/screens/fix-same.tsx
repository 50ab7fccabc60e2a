import { useEffect, useState } from 'preact/hooks';
import { plural } from '../../lambdas/core/plural.ts';
import { format } from '../format.ts';
import { showText } from '../show-text.ts';
import { runInSteps } from '../steps.ts';
import type { CellChange, FixSheet, SameProblem as Same } from './fix-sheet.ts';

interface Props {
  readonly sheet: FixSheet;
  /** The last change of a cell. */
  readonly last: CellChange | undefined;
  readonly onApply: (changes: readonly CellChange[]) => void;
  readonly onClose: () => void;
}

/** Offers to correct other rows with the same problem in the same way. */
export function SameProblem({ sheet, last, onApply, onClose }: Props) {
  const same = useSame(sheet, last);
  if (last === undefined || same === undefined) return null;
  const { row, column, value } = last;
  const isGood = sheet.findProblems(row).every((problem) => problem.column !== sheet.columns[column]);
  const { sameValue, all } = same;
  if (!isGood || all.length === 0) return null;
  const before = sheet.rows[row]!.values[column] ?? '';
  const apply = (rows: readonly number[]) => onApply(rows.map((other) => ({ row: other, column, value })));
  const title = showText(sheet.columns[column] ?? '', 60);
  return (
    <section class="fix-same" aria-label="The same problem">
      <p class="grow" role="status">
        Set <strong>{title}</strong> to{' '}
        <bdi class="mono">{value === '' ? 'nothing' : showText(value, 60)}</bdi> in other rows with the same
        problem?
      </p>
      <div class="row">
        {sameValue.length > 0 && (
          <button type="button" class="primary" onClick={() => apply(sameValue)}>
            In {format.count(sameValue.length)} {plural(sameValue.length, 'row')} with{' '}
            <bdi class="mono">{before === '' ? 'no value' : showText(before, 30)}</bdi>
          </button>
        )}
        {all.length > sameValue.length && (
          <button type="button" onClick={() => apply(all)}>
            In {plural(all.length, 'the other row', `all ${format.count(all.length)} other rows`)}
          </button>
        )}
        <button type="button" class="quiet" onClick={onClose}>
          Only in this row
        </button>
      </div>
    </section>
  );
}

/** Searches in small steps. Only a change of a cell makes another offer. */
function useSame(sheet: FixSheet, last: CellChange | undefined): Same | undefined {
  const [found, setFound] = useState<{ readonly last: CellChange; readonly same: Same }>();
  useEffect(() => {
    if (last === undefined) return;
    const stop = new AbortController();
    runInSteps(sheet.findSame(last.row, last.column), stop.signal).then(
      (same) => setFound({ last, same }),
      () => undefined,
    );
    return () => stop.abort();
  }, [sheet, last]);
  return found?.last === last ? found?.same : undefined;
}

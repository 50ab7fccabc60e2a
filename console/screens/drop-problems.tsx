import { useMemo } from 'preact/hooks';
import { RejectedCsv } from '../../lambdas/core/rejected-csv.ts';
import type { RejectedRow } from '../../lambdas/core/row-batch.ts';
import type { Verdict } from '../../lambdas/core/verdict.ts';
import { format } from '../format.ts';
import { Spacer, useWindow } from '../parts/use-window.tsx';
import { showText } from '../show-text.ts';

const ROW_HEIGHT = 60;
const HEAD_HEIGHT = 34;
/** Rows that are shown without scrolling. */
const MAX_ROWS = 5;

/** The rows of a file that would be rejected or be in conflict with a row above: line, column, value and reason. */
export function Problems({ verdict }: { readonly verdict: Verdict }) {
  const { rejected, rowsRejected, conflicting, rowsConflicting, format: summary, header } = verdict;
  const csv = useMemo(() => new RejectedCsv(header ?? '', '', summary), [header, summary]);
  const problems = useMemo(
    () => [...rejected, ...conflicting].sort((one, other) => one.line - other.line),
    [rejected, conflicting],
  );
  const { ref, onScroll, first, end } = useWindow(problems.length, ROW_HEIGHT);
  // A part of the next row shows that there are more.
  const height = Math.min(problems.length, MAX_ROWS + 0.5) * ROW_HEIGHT;
  const left = rowsRejected + rowsConflicting - problems.length;
  return (
    <div class="stack">
      <section
        class="problem-box"
        aria-label="Rows to correct"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a person without a mouse scrolls it by the keys
        tabIndex={0}
        ref={ref}
        onScroll={onScroll}
        style={{ height: `${height + HEAD_HEIGHT + 2}px` }}
      >
        <table aria-rowcount={problems.length + 1}>
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col" class="number">
                Line
              </th>
              <th scope="col">Column</th>
              <th scope="col">Value</th>
              <th scope="col">Problem</th>
            </tr>
          </thead>
          <tbody>
            <Spacer height={first * ROW_HEIGHT} />
            {problems.slice(first, end).map((row, index) => (
              <tr key={first + index} aria-rowindex={first + index + 2}>
                <td class="number">{format.count(row.line)}</td>
                {'code' in row ? <Rejected row={row} csv={csv} /> : <Conflicting row={row} />}
              </tr>
            ))}
            <Spacer height={(problems.length - end) * ROW_HEIGHT} />
          </tbody>
        </table>
      </section>
      {left > 0 && (
        <p class="small muted">
          … and {format.count(left)} more. All of them can be looked at after sending.
        </p>
      )}
    </div>
  );
}

function Rejected({ row, csv }: { readonly row: RejectedRow; readonly csv: RejectedCsv }) {
  const value = csv.readRow(row)?.[csv.titles.indexOf(row.column)] ?? '';
  const original = row.column === '' ? row.text : value;
  return (
    <>
      <td>
        <bdi class="clamp">{showText(row.column, 60) || 'whole row'}</bdi>
      </td>
      <td class="mono">
        {original === '' ? (
          <span class="muted">empty</span>
        ) : (
          <bdi class="clamp">{showText(original, 80)}</bdi>
        )}
      </td>
      <td>
        <span class="clamp" title={showText(row.message, 1_000)}>
          {row.column !== '' && <bdi class="problem-column">{showText(row.column, 60)}: </bdi>}
          {showText(row.message, 400)}
        </span>
      </td>
    </>
  );
}

function Conflicting({ row: { firstLine } }: { readonly row: Verdict['conflicting'][number] }) {
  const line = format.count(firstLine);
  return (
    <>
      <td>whole row</td>
      <td class="muted">see line {line}</td>
      <td>
        <span class="clamp">
          Same id as line {line}, but other values. Line {line} counts.
        </span>
      </td>
    </>
  );
}

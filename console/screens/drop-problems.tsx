import { useMemo } from 'preact/hooks';
import { RejectedCsv } from '../../lambdas/core/rejected-csv.ts';
import type { Verdict } from '../../lambdas/core/verdict.ts';
import { format } from '../format.ts';
import { Spacer, useWindow } from '../parts/use-window.tsx';
import { showText } from '../show-text.ts';

const ROW_HEIGHT = 60;
const HEAD_HEIGHT = 34;
/** Rows that are shown without scrolling. */
const MAX_ROWS = 5;

/** The rows of a file that would be rejected: line, column, value and reason. */
export function Problems({ verdict }: { readonly verdict: Verdict }) {
  const { rejected, rowsRejected, format: summary, header } = verdict;
  const csv = useMemo(() => new RejectedCsv(header ?? '', '', summary), [header, summary]);
  const { ref, onScroll, first, end } = useWindow(rejected.length, ROW_HEIGHT);
  // A part of the next row shows that there are more.
  const height = Math.min(rejected.length, MAX_ROWS + 0.5) * ROW_HEIGHT;
  const left = rowsRejected - rejected.length;
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
        <table aria-rowcount={rejected.length + 1}>
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
            {rejected.slice(first, end).map((row, index) => {
              const value = csv.readRow(row)?.[csv.titles.indexOf(row.column)] ?? '';
              const original = row.column === '' ? row.text : value;
              return (
                <tr key={first + index} aria-rowindex={first + index + 2}>
                  <td class="number">{format.count(row.line)}</td>
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
                </tr>
              );
            })}
            <Spacer height={(rejected.length - end) * ROW_HEIGHT} />
          </tbody>
        </table>
      </section>
      {left > 0 && (
        <p class="small muted">
          … and {format.count(left)} more. All of them can be corrected after sending.
        </p>
      )}
    </div>
  );
}

import {
  countSettled,
  describeFates,
  divideBar,
  FATE_TEXTS,
  FATES,
  type Fate,
  type RowCounts,
  SETTLED_TEXT,
} from '../fates.ts';
import { format } from '../format.ts';

/** The results of the rows of an upload as one bar. Its parts add up to the rows that were read. */
export function FateBar({ rows, isLarge = false }: { readonly rows: RowCounts; readonly isLarge?: boolean }) {
  return (
    <div
      class={isLarge ? 'fate-bar large' : 'fate-bar'}
      role="img"
      aria-label={describeFates(rows, format.count)}
    >
      {divideBar(rows).map(({ fate, width }) => (
        <span
          key={fate}
          class={`fate-part ${fate === 'pending' ? fate : textOf(fate, rows).style}`}
          style={{ width: `${width}%` }}
        />
      ))}
    </div>
  );
}

/** Rejected rows have another text when some of them, or all, are not open any more. */
function textOf(fate: Fate, rows: RowCounts) {
  const settled = fate === 'rejected' ? countSettled(rows) : 0;
  if (settled === 0) return FATE_TEXTS[fate];
  if (settled === rows.rejected) return SETTLED_TEXT;
  const meaning = `${format.count(rows.rejected - settled)} to correct, ${format.count(settled)} settled.`;
  return { ...FATE_TEXTS[fate], label: 'Rejected', meaning };
}

interface LegendProps {
  readonly rows: RowCounts;
  /** Address with the rows of a result. */
  readonly hrefOf?: (fate: Fate) => string | undefined;
}

/** The numbers of a bar with their meaning, and their sum. */
export function FateLegend({ rows, hrefOf }: LegendProps) {
  const present = FATES.filter((fate) => rows[fate] > 0 || fate === 'inserted');
  return (
    <table class="fate-legend">
      <caption class="visually-hidden">Results of the rows</caption>
      <thead class="visually-hidden">
        <tr>
          <th scope="col">Result</th>
          <th scope="col">Rows</th>
        </tr>
      </thead>
      <tbody>
        {present.map((fate) => {
          const { label, meaning, style } = textOf(fate, rows);
          const href = rows[fate] > 0 ? hrefOf?.(fate) : undefined;
          return (
            <tr key={fate}>
              <th scope="row">
                <span class="fate-name">
                  <span class={`fate-part fate-key ${style}`} aria-hidden="true" />
                  <span>
                    {href === undefined ? label : <a href={href}>{label}</a>}
                    <small>{meaning}</small>
                  </span>
                </span>
              </th>
              <td class="number">{format.count(rows[fate])}</td>
            </tr>
          );
        })}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Rows in the file</th>
          <td class="number">{format.count(rows.read)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

import { useState } from 'preact/hooks';
import { plural } from '../../lambdas/core/plural.ts';
import { readDateFromName } from '../../lambdas/core/upload-key.ts';
import { countByCode, describeRepeats, type Verdict } from '../../lambdas/core/verdict.ts';
import { today } from '../calendar.ts';
import { describeFormat, describeRows } from '../describe-format.ts';
import { describeFailure } from '../failure-advice.ts';
import type { RowCounts } from '../fates.ts';
import { format } from '../format.ts';
import { FateBar } from '../parts/fate-bar.tsx';
import { Icon } from '../parts/icon.tsx';
import { nameRejectCode } from '../reject-names.ts';
import { showText } from '../show-text.ts';
import { Problems } from './drop-problems.tsx';

interface Props {
  readonly verdict: Verdict;
  /** True for a file of an archive. */
  readonly isInner?: boolean;
}

/** True if a row of the file needs a person. */
export function hasProblems({ rowsRejected, rowsConflicting }: Verdict): boolean {
  return rowsRejected + rowsConflicting > 0;
}

/** What the parser says of a file before it is sent. */
export function FileVerdict({ verdict, isInner = false }: Props) {
  const { status, rowsNew, rowsRead, failureCode, failureMessage } = verdict;
  const findings = describeFormat(verdict.format);
  const odd = describeRows(verdict, today(), format.day);
  const notices = [...odd, ...findings.filter(({ kind }) => kind === 'notice')];
  const isGood = !hasProblems(verdict) && odd.length === 0;
  if (status === 'refused') {
    // The card of a file asks for its day itself, where a name can have it.
    const advised = failureCode === 'date-unknown' && !isInner ? null : failureCode;
    return (
      <div class="verdict stack">
        <p class="verdict-line bad">
          <Icon name="warning" />
          <strong>None of its rows would load.</strong>
        </p>
        <p>{showText(describeFailure(advised, failureMessage), 1_200)}</p>
      </div>
    );
  }
  return (
    <div class="verdict stack">
      <p class={`verdict-line ${isGood ? 'good' : 'warn'}`}>
        <Icon name={isGood ? 'check' : 'warning'} />
        <span>
          <strong>
            {rowsRead === 0
              ? 'No rows'
              : [
                  `${rowsNew < rowsRead ? `${format.count(rowsNew)} of ` : ''}${countRows(rowsRead)} will load`,
                  ...listProblems([verdict]),
                ].join(', ')}
          </strong>{' '}
          <span class="muted">{describeDays(verdict)}</span>
        </span>
      </p>
      <FateBar rows={countFates(verdict)} />
      {describeRepeats(verdict, format.count).map((text) => (
        <p key={text} class="small muted">
          {text}
        </p>
      ))}
      {notices.map(({ text }) => (
        <p key={text} class="verdict-line warn small">
          <Icon name="info" /> {showText(text, 500)}
        </p>
      ))}
      {hasProblems(verdict) && (
        <>
          <p class="small muted">{describeReasons(verdict)}</p>
          <Problems verdict={verdict} />
        </>
      )}
      <details class="small">
        <summary>How the file was read</summary>
        <ul>
          {findings.map(({ text }) => (
            <li key={text}>{showText(text, 500)}</li>
          ))}
        </ul>
      </details>
    </div>
  );
}

/** The verdicts on the files of an archive, which a click on a name opens. */
export function ArchiveVerdict({ verdicts }: { readonly verdicts: readonly Verdict[] }) {
  const [open, setOpen] = useState<string>();
  return (
    <ul class="inner-files">
      {verdicts.map((verdict) => {
        const { key, status, rowsNew } = verdict;
        const name = key.slice(key.indexOf('.zip-') + '.zip-00000000/'.length);
        const tone = status === 'refused' ? 'bad' : hasProblems(verdict) ? 'warn' : 'good';
        const isOpen = open === key;
        return (
          <li key={key}>
            <button
              type="button"
              class="quiet inner-file"
              aria-expanded={isOpen}
              onClick={() => setOpen(isOpen ? undefined : key)}
            >
              <Icon name={isOpen ? 'down' : 'right'} />
              <bdi class="grow ellipsis">{showText(name, 120)}</bdi>
              <span class={`tag ${tone}`}>
                {status === 'refused'
                  ? 'Would be refused'
                  : listProblems([verdict]).join(', ') || countRows(rowsNew)}
              </span>
            </button>
            {isOpen && <FileVerdict verdict={verdict} isInner />}
          </li>
        );
      })}
    </ul>
  );
}

/** Says how many rows of files need a person, for each thing to do. */
export function listProblems(verdicts: readonly Verdict[]): string[] {
  const count = (of: 'rowsRejected' | 'rowsConflicting') =>
    verdicts.reduce((sum, verdict) => sum + verdict[of], 0);
  const [rejected, conflicting] = [count('rowsRejected'), count('rowsConflicting')];
  return [
    ...(rejected > 0 ? [`${format.count(rejected)} to correct`] : []),
    ...(conflicting > 0 ? [`${format.count(conflicting)} to compare`] : []),
  ];
}

function countFates({ rowsRead, rowsNew, rowsDuplicate, rowsConflicting, rowsRejected }: Verdict): RowCounts {
  const counts = { inserted: rowsNew, duplicate: rowsDuplicate, conflicting: rowsConflicting };
  return { read: rowsRead, ...counts, rejected: rowsRejected, retracted: 0, replaced: 0 };
}

function countRows(count: number): string {
  return `${format.count(count)} ${plural(count, 'row')}`;
}

function describeDays({ firstDay, lastDay, key }: Verdict): string {
  if (firstDay === null || lastDay === null) {
    const day = readDateFromName(key.split('/').at(-1)!);
    return day === undefined ? '' : format.longDay(day);
  }
  return firstDay === lastDay ? format.longDay(firstDay) : `${format.day(firstDay)} – ${format.day(lastDay)}`;
}

function describeReasons({ rejected, rowsRejected, rowsConflicting }: Verdict): string {
  const reasons = countByCode(rejected).map(
    ([code, count]) => `${nameRejectCode(code)} (${format.count(count)})`,
  );
  if (rowsConflicting > 0) reasons.push(`Same id, other values (${format.count(rowsConflicting)})`);
  const first = rejected.length < rowsRejected ? `First ${format.count(rejected.length)}: ` : '';
  return `${first}${reasons.join(', ')}`;
}

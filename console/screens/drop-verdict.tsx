import { useState } from 'preact/hooks';
import { readDateFromName } from '../../lambdas/core/upload-key.ts';
import { countByCode, type Verdict } from '../../lambdas/core/verdict.ts';
import { today } from '../calendar.ts';
import { describeFormat, describeRows } from '../describe-format.ts';
import { describeFailure } from '../failure-advice.ts';
import { format } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { nameRejectCode } from '../reject-names.ts';
import { showText } from '../show-text.ts';
import { Problems } from './drop-problems.tsx';

interface Props {
  readonly verdict: Verdict;
  /** True for a file of an archive. */
  readonly isInner?: boolean;
}

/** What the parser says of a file before it is sent. */
export function FileVerdict({ verdict, isInner = false }: Props) {
  const { status, rowsValid, rowsRead, rowsRejected, failureCode, failureMessage } = verdict;
  const findings = describeFormat(verdict.format);
  const odd = describeRows(verdict, today(), format.day);
  const notices = [...odd, ...findings.filter(({ kind }) => kind === 'notice')];
  const isGood = rowsRejected === 0 && odd.length === 0;
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
              : rowsRejected === 0
                ? `${countRows(rowsValid)} will load`
                : `${format.count(rowsValid)} of ${countRows(rowsRead)} will load, ${format.count(rowsRejected)} to correct`}
          </strong>{' '}
          <span class="muted">{describeDays(verdict)}</span>
        </span>
      </p>
      <div
        class="fate-bar"
        role="img"
        aria-label={`${countRows(rowsValid)} will load, ${countRows(rowsRejected)} to correct`}
      >
        <span
          class="fate-part inserted"
          style={{ width: `${rowsRead === 0 ? 0 : (rowsValid / rowsRead) * 100}%` }}
        />
        {rowsRejected > 0 && <span class="fate-part rejected grow" />}
      </div>
      {notices.map(({ text }) => (
        <p key={text} class="verdict-line warn small">
          <Icon name="info" /> {showText(text, 500)}
        </p>
      ))}
      {rowsRejected > 0 && (
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
        const { key, status, rowsValid, rowsRejected } = verdict;
        const name = key.slice(key.indexOf('.zip-') + '.zip-00000000/'.length);
        const tone = status === 'refused' ? 'bad' : rowsRejected > 0 ? 'warn' : 'good';
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
                  : rowsRejected > 0
                    ? `${format.count(rowsRejected)} to correct`
                    : countRows(rowsValid)}
              </span>
            </button>
            {isOpen && <FileVerdict verdict={verdict} isInner />}
          </li>
        );
      })}
    </ul>
  );
}

function countRows(count: number): string {
  return `${format.count(count)} ${count === 1 ? 'row' : 'rows'}`;
}

function describeDays({ firstDay, lastDay, key }: Verdict): string {
  if (firstDay === null || lastDay === null) {
    const day = readDateFromName(key.split('/').at(-1)!);
    return day === undefined ? '' : format.longDay(day);
  }
  return firstDay === lastDay ? format.longDay(firstDay) : `${format.day(firstDay)} – ${format.day(lastDay)}`;
}

function describeReasons({ rejected, rowsRejected }: Verdict): string {
  const reasons = countByCode(rejected).map(
    ([code, count]) => `${nameRejectCode(code)} (${format.count(count)})`,
  );
  const first = rejected.length < rowsRejected ? `First ${format.count(rejected.length)}: ` : '';
  return `${first}${reasons.join(', ')}`;
}

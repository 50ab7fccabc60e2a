import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { CheckFinding, ChecksAnswer } from '../../lambdas/core/api-answers.ts';
import { plural } from '../../lambdas/core/plural.ts';
import { type ApiError, get, getConfig, post } from '../api.ts';
import {
  adviseFinding,
  type CheckText,
  describeSweep,
  describeVerification,
  hrefOfFinding,
} from '../check-text.ts';
import { format } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { ErrorState } from '../parts/states.tsx';
import { announce } from '../parts/toast.tsx';
import { showText } from '../show-text.ts';

type CheckName = keyof ChecksAnswer;

/** Where the host of the page runs a function now, above the API. */
const SCHEDULED = '/../_local/scheduled';
const TITLES: Readonly<Record<CheckName, string>> = { sweep: 'Sweeper', verify: 'Verifier' };
const SUBJECTS: Readonly<Record<CheckName, string>> = {
  sweep: 'Finds files that got lost on the way',
  verify: 'Compares what was sent with what is in the table',
};

/** The last results of the sweeper and the verifier. They are asked for when the screen opens, and at a click. */
export function Checks() {
  const [{ data, error }, setAnswer] = useState<{ data?: ChecksAnswer; error?: ApiError }>({});
  const [canRun, setCanRun] = useState(false);
  const [busy, setBusy] = useState<CheckName | 'look'>();
  const asked = useRef(0);
  const ask = useCallback(async () => {
    const question = ++asked.current;
    // A newer question has a newer answer.
    const show = (change: { data?: ChecksAnswer; error?: ApiError }) =>
      question === asked.current && setAnswer((last) => ({ ...last, error: undefined, ...change }));
    await get<ChecksAnswer>('/checks').then(
      (data) => show({ data }),
      (error: ApiError) => show({ error }),
    );
  }, []);
  useEffect(() => {
    void ask();
    getConfig().then(
      ({ hasLocalControl }) => setCanRun(hasLocalControl),
      () => undefined,
    );
  }, [ask]);
  const act = async (what: CheckName | 'look') => {
    setBusy(what);
    try {
      if (what !== 'look') await post(`${SCHEDULED}/${what}`, undefined);
      await ask();
      announce(
        what === 'look' ? 'These are the last results.' : `The ${TITLES[what].toLowerCase()} has run.`,
      );
    } catch (trouble) {
      announce((trouble as ApiError).message, 'problem');
    } finally {
      setBusy(undefined);
    }
  };
  const now = Date.now();
  return (
    <section class="stack" aria-labelledby="checks">
      <div class="row">
        <h2 id="checks" class="grow">
          Checks
        </h2>
        <button type="button" disabled={busy !== undefined} onClick={() => act('look')}>
          Look again
        </button>
      </div>
      {data === undefined && error !== undefined && (
        <ErrorState message={error.message} onRetry={() => void ask()} />
      )}
      {(data !== undefined || error === undefined) && (
        <ul class="tiles checks">
          {(['sweep', 'verify'] as const).map((name) =>
            data === undefined ? (
              // Keeps the place until the results are known.
              <li key={name} class="tile card" aria-hidden="true" />
            ) : (
              <Check
                key={name}
                name={name}
                text={
                  name === 'sweep'
                    ? describeSweep(data.sweep, format, now)
                    : describeVerification(data.verify, format, now)
                }
                findings={data[name].last?.findings ?? []}
                moreFindings={data[name].last?.moreFindings ?? 0}
                isBusy={busy !== undefined}
                onRun={canRun ? () => act(name) : undefined}
              />
            ),
          )}
        </ul>
      )}
    </section>
  );
}

interface CheckProps {
  readonly name: CheckName;
  readonly text: CheckText;
  readonly findings: readonly CheckFinding[];
  readonly moreFindings: number;
  readonly isBusy: boolean;
  /** Undefined where it runs by its schedule only. */
  readonly onRun: (() => void) | undefined;
}

function Check({ name, text, findings, moreFindings, isBusy, onRun }: CheckProps) {
  const count = findings.length + moreFindings;
  return (
    <li class={`tile card ${text.tone}`}>
      <div class="row">
        <h3 class="grow">{TITLES[name]}</h3>
        <span class={`tag ${text.tone}`}>
          <Icon name={text.icon} /> {text.label}
        </span>
      </div>
      <p class="muted small">{SUBJECTS[name]}</p>
      <p class="check-text">{text.headline}</p>
      <p class="muted small">{text.next}</p>
      <div class="row check-foot">
        {onRun !== undefined && (
          <button
            type="button"
            disabled={isBusy}
            aria-label={`Run now: ${TITLES[name].toLowerCase()}`}
            onClick={onRun}
          >
            Run now
          </button>
        )}
      </div>
      {count > 0 && (
        <details>
          <summary>{plural(count, 'Show the finding', `Show ${format.count(count)} findings`)}</summary>
          <ul class="check-findings" aria-label={`Findings of the ${TITLES[name].toLowerCase()}`}>
            {findings.map((finding, index) => (
              <Finding key={index} finding={finding} />
            ))}
          </ul>
          {moreFindings > 0 && <p class="muted small">And {format.count(moreFindings)} more.</p>}
        </details>
      )}
    </li>
  );
}

function Finding({ finding }: { readonly finding: CheckFinding }) {
  const { store, fileName, day, text, kind, uploadId } = finding;
  const href = hrefOfFinding(finding);
  const about =
    kind === 'missing'
      ? `${store}, ${format.day(day ?? '')}`
      : fileName !== undefined
        ? `${showText(fileName)} (${store})`
        : (uploadId ?? 'The table');
  return (
    <li>
      <strong>{href === undefined ? about : <a href={href}>{about}</a>}</strong>
      <p>{kind === 'missing' ? 'No file has arrived.' : showText(text)}</p>
      <p class="muted small">{adviseFinding(finding)}</p>
    </li>
  );
}

import type { Alarm, AlarmsAnswer } from '../../lambdas/core/api-answers.ts';
import { plural } from '../../lambdas/core/plural.ts';
import { describeOthers, isUnmeasured, splitAdvice } from '../alarm-text.ts';
import { format } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { ErrorState } from '../parts/states.tsx';
import { announce } from '../parts/toast.tsx';
import { type Live, useLive } from '../poll.ts';

/** Asks for the alarms when the screen opens, at a click, and when the queues have changed. */
export function useAlarms(isOperator: boolean): Live<AlarmsAnswer> {
  return useLive<AlarmsAnswer>(isOperator ? '/alarms' : undefined);
}

/** The alarms that are raised, what they mean and what to do. The others are counted. */
export function Alarms({ data, error, refresh }: Live<AlarmsAnswer>) {
  const raised = data?.alarms.filter(({ state }) => state === 'alarm') ?? [];
  const others = data?.alarms.filter(({ state }) => state !== 'alarm') ?? [];
  return (
    <section class="stack" aria-labelledby="alarms">
      <div class="row">
        <h2 id="alarms" class="grow">
          Alarms
        </h2>
        <button
          type="button"
          onClick={() => {
            refresh();
            announce('The alarms are looked at again.');
          }}
        >
          Look at the alarms again
        </button>
      </div>
      {data === undefined && error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {data !== undefined && (
        <div class="card alarms">
          <p role="status">
            <Summary isMonitored={data.isMonitored} raised={raised.length} />
          </p>
          {raised.length > 0 && (
            <ul class="alarm-list" aria-label="Raised alarms">
              {raised.map((alarm) => (
                <Raised key={alarm.name} alarm={alarm} />
              ))}
            </ul>
          )}
          {others.length > 0 && (
            <details>
              <summary>{describeOthers(others, format.count)}</summary>
              <ul class="alarm-list small" aria-label="Other alarms">
                {others.map((alarm) => (
                  <Other key={alarm.name} alarm={alarm} />
                ))}
              </ul>
            </details>
          )}
        </div>
      )}
    </section>
  );
}

function Summary({ isMonitored, raised }: { readonly isMonitored: boolean; readonly raised: number }) {
  if (!isMonitored) return <>This stage has no alarms.</>;
  return raised === 0 ? (
    <span class="tag good">
      <Icon name="check" /> No alarm is raised
    </span>
  ) : (
    <span class="tag bad">
      <Icon name="warning" /> {format.count(raised)} {plural(raised, 'alarm is', 'alarms are')} raised
    </span>
  );
}

function Raised({ alarm }: { readonly alarm: Alarm }) {
  const { heading, severity, meaning, since, advice } = alarm;
  const isCritical = severity === 'critical';
  return (
    <li class={isCritical ? 'bad' : 'warn'}>
      <div class="row">
        <strong class="grow">{meaning}</strong>
        <span class={`tag ${isCritical ? 'bad' : 'warn'}`}>
          <Icon name={isCritical ? 'cross' : 'warning'} /> {isCritical ? 'Critical' : 'Warning'}
        </span>
      </div>
      <p class="muted small">
        {since !== undefined && `Since ${format.time(since)}. `}In the runbook: {heading}
      </p>
      {advice !== undefined && (
        <details>
          <summary>What to do</summary>
          {splitAdvice(advice).map((parts, index) => (
            <p key={index}>
              {parts.map((part, place) => (place % 2 === 0 ? part : <code key={place}>{part}</code>))}
            </p>
          ))}
        </details>
      )}
    </li>
  );
}

function Other({ alarm }: { readonly alarm: Alarm }) {
  const { heading, meaning, state } = alarm;
  const unknown = isUnmeasured(alarm) ? 'not measured on this machine' : 'no data yet';
  return (
    <li>
      <p>
        {heading}: {state === 'ok' ? 'quiet' : unknown}
      </p>
      <p class="muted">Raised when: {meaning}</p>
    </li>
  );
}

import { format } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { type PipelineStatus, useStatus } from '../poll.ts';
import type { Route } from '../router.ts';
import { useSession } from '../session.ts';
import { Alarms, useAlarms } from './operations-alarms.tsx';
import { Checks } from './operations-checks.tsx';
import { DeadLetters } from './operations-letters.tsx';
import { Plug } from './operations-plug.tsx';

const QUEUES = [
  { name: 'calls', title: 'Calls', subject: 'Transactions that tills sent' },
  { name: 'uploads', title: 'Files', subject: 'Files before they are read' },
  { name: 'rows', title: 'Rows', subject: 'Rows on their way to the database' },
] as const;

/** What waits in the pipeline, and what could not be handled. */
export function Operations(_: { readonly route: Route }) {
  const { status, error } = useStatus();
  const session = useSession();
  const alarms = useAlarms(session?.role === 'operator');
  // What follows the queues and the alarms would move when they come.
  const isOperator = session?.role === 'operator' && (status ?? error) !== undefined && !alarms.isFirst;
  return (
    <>
      <div class="head health">
        <h1>Operations</h1>
        {/* The line is reserved until the state is known. */}
        <div class="mark">{status !== undefined && <Health status={status} />}</div>
      </div>
      {status === undefined && error === undefined && <Skeleton rows={3} />}
      {status === undefined && error !== undefined && <ErrorState error={error} />}
      {status !== undefined && (
        <ul class="tiles" aria-label="Queues">
          {QUEUES.map(({ name, title, subject }) => (
            <QueueTile key={name} title={title} subject={subject} queue={status[name]} />
          ))}
        </ul>
      )}
      {isOperator && <Alarms {...alarms} />}
      {isOperator && <Plug />}
      {isOperator && <Checks />}
      {isOperator && <DeadLetters status={status} />}
      {session !== undefined && session.role !== 'operator' && (
        <p class="muted">Only operators see messages that could not be handled, and send them back.</p>
      )}
    </>
  );
}

function Health({ status }: { readonly status: PipelineStatus }) {
  const all = Object.values(status);
  const dead = all.reduce((sum, { deadLetters }) => sum + deadLetters, 0);
  const waiting = all.reduce((sum, { waiting: some, inProgress }) => sum + some + inProgress, 0);
  if (dead > 0) {
    return (
      <span class="tag bad">
        <Icon name="warning" /> {format.count(dead)} could not be handled
      </span>
    );
  }
  return waiting > 0 ? (
    <span class="tag busy">
      <Icon name="waiting" /> {format.count(waiting)} on their way
    </span>
  ) : (
    <span class="tag good">
      <Icon name="check" /> Everything is loaded
    </span>
  );
}

interface TileProps {
  readonly title: string;
  readonly subject: string;
  readonly queue: PipelineStatus['rows'];
}

function QueueTile({ title, subject, queue }: TileProps) {
  const { waiting, inProgress, deadLetters } = queue;
  return (
    <li class="tile card">
      <h2>{title}</h2>
      <p class="muted small">{subject}</p>
      <dl>
        <Fact name="Waiting" count={waiting} />
        <Fact name="In work" count={inProgress} />
        <Fact name="Not handled" count={deadLetters} tone={deadLetters > 0 ? 'bad' : ''} />
      </dl>
    </li>
  );
}

function Fact(props: { readonly name: string; readonly count: number; readonly tone?: string }) {
  return (
    <div class={props.tone}>
      <dt>{props.name}</dt>
      <dd class="number">{format.count(props.count)}</dd>
    </div>
  );
}

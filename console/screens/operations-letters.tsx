import { useState } from 'preact/hooks';
import type { DeadLetter, DeadLettersAnswer, RedriveAnswer } from '../../lambdas/core/api-answers.ts';
import { plural } from '../../lambdas/core/plural.ts';
import { type ApiError, post } from '../api.ts';
import { format } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { EmptyState, ErrorState, Skeleton } from '../parts/states.tsx';
import { announce } from '../parts/toast.tsx';
import { type PipelineStatus, pokeStatus, useLive } from '../poll.ts';

const TITLES: Readonly<Record<DeadLetter['queue'], string>> = {
  calls: 'Calls',
  uploads: 'Files',
  rows: 'Rows',
  notices: 'Receipts and mails',
};

/** Messages that no function could handle, with the reasons, and a way to try them again. */
export function DeadLetters({ status }: { readonly status: PipelineStatus | undefined }) {
  const { data, error, isFirst, refresh } = useLive<DeadLettersAnswer>('/dead-letters');
  const queues = data?.queues.filter(({ count, letters }) => count > 0 || letters.length > 0) ?? [];
  return (
    <section class="stack" aria-labelledby="letters">
      <h2 id="letters">Not handled</h2>
      {isFirst && <Skeleton rows={2} />}
      {data === undefined && error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {data !== undefined && queues.length === 0 && (
        <EmptyState icon="check" title="Nothing is left over">
          <p>A message that cannot be handled comes here with its reason. Nothing is lost.</p>
        </EmptyState>
      )}
      {queues.map(({ queue, count, letters }) => (
        <Queue key={queue} queue={queue} count={count} letters={letters} onSent={refresh} />
      ))}
      <span class="visually-hidden" role="status">
        {status !== undefined && queues.length > 0 ? `${queues.length} queues have messages` : ''}
      </span>
    </section>
  );
}

interface QueueProps {
  readonly queue: DeadLetter['queue'];
  readonly count: number;
  readonly letters: readonly DeadLetter[];
  readonly onSent: () => void;
}

function Queue({ queue, count, letters, onSent }: QueueProps) {
  const [isSending, setSending] = useState(false);
  /** Messages that were sent back, which the last answer may still have. */
  const [gone, setGone] = useState<readonly string[]>([]);
  const left = letters.filter(({ id }) => !gone.includes(id));
  const sendBack = async (body: { messages?: string[] }) => {
    setSending(true);
    try {
      let sent = 0;
      for (let hasMore = true; hasMore; ) {
        const answer = await post<RedriveAnswer>(`/dead-letters/${queue}/redrive`, body);
        sent += answer.sent.length;
        setGone((before) => [...before, ...answer.sent.map(({ id }) => id)]);
        // Chosen messages were all in the first answer.
        hasMore = answer.hasMore && answer.sent.length > 0 && body.messages === undefined;
      }
      announce(`${plural(sent, 'One message was', `${format.count(sent)} messages were`)} sent back.`);
    } catch (error) {
      announce((error as ApiError).message, 'problem');
    } finally {
      setSending(false);
      onSent();
      pokeStatus();
    }
  };
  return (
    <>
      <div class="row">
        <h3 class="grow">
          {TITLES[queue]} <span class="tag bad">{format.count(count)}</span>
        </h3>
        <button type="button" disabled={isSending} onClick={() => sendBack({})}>
          Send all back
        </button>
      </div>
      <ul class="letters card" aria-label={TITLES[queue]} aria-busy={isSending}>
        {left.map(({ id, about, reason, since }) => (
          <li key={id} class="row">
            <div class="grow">
              <strong>{about}</strong>
              <p>{reason}</p>
              <p class="muted small">Since {format.time(since)}</p>
            </div>
            <button
              type="button"
              disabled={isSending}
              aria-label={`Send back: ${about}`}
              onClick={() => sendBack({ messages: [id] })}
            >
              <Icon name="send" /> Send back
            </button>
          </li>
        ))}
      </ul>
      {count > letters.length && <p class="muted small">These are some of {format.count(count)} messages.</p>}
    </>
  );
}

import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api.ts';
import { Icon, type IconName } from './icon.tsx';

/** What a screen shows where it has nothing: why, and what to do. */
export function EmptyState(props: {
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="state">
      <Icon name={props.icon ?? 'info'} />
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}

/** What a screen shows in place of data that it cannot get. */
export function ErrorState(props: {
  readonly message?: string;
  readonly error?: ApiError | undefined;
  readonly onRetry?: () => void;
}) {
  const { error, message = error?.message ?? '', onRetry } = props;
  // The bar above the screen says it, and the screen asks again after the person has signed in.
  if (error?.trouble === 'signed-out') return null;
  const isWaiting = error?.trouble === 'resuming';
  return (
    <div class="state" role={isWaiting ? 'status' : 'alert'}>
      <Icon name={isWaiting ? 'waiting' : 'warning'} />
      <h2>{message}</h2>
      {isWaiting && <p>The page continues automatically.</p>}
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** A line above data that could not be brought up to date. It leaves the older data readable. */
export function StaleNote({ error }: { readonly error: ApiError | undefined }) {
  return (
    <p class="stale" role="status">
      {error !== undefined && error.trouble !== 'signed-out' && (
        <>
          <Icon name="warning" /> {error.message}
        </>
      )}
    </p>
  );
}

/** Grey bars in place of data on its way, of the height that the data will have. */
export function Skeleton({ rows = 3 }: { readonly rows?: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  );
}

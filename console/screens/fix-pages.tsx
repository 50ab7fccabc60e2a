import { Icon } from '../parts/icon.tsx';

interface Props {
  /** Beginnings of the pages after the first one, up to the page that is shown. */
  readonly starts: readonly number[];
  readonly next: number | undefined;
  readonly onStarts: (starts: readonly number[]) => void;
}

/** Buttons for the page before and the page after. */
export function Pages({ starts, next, onStarts }: Props) {
  if (starts.length === 0 && next === undefined) return null;
  return (
    <nav class="row" aria-label="Pages">
      <button type="button" disabled={starts.length === 0} onClick={() => onStarts(starts.slice(0, -1))}>
        <Icon name="left" /> Earlier lines
      </button>
      <button
        type="button"
        disabled={next === undefined}
        onClick={() => next !== undefined && onStarts([...starts, next])}
      >
        Later lines <Icon name="right" />
      </button>
    </nav>
  );
}

import { useLayoutEffect, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: 'done' | 'problem';
}

const SECONDS = 6;
let toasts: readonly Toast[] = [];
let count = 0;
let redraw = () => {};

function show(next: readonly Toast[]): void {
  toasts = next;
  redraw();
}

/** Says something at the edge of the page for a few seconds. Screen readers read it; a problem at once. */
export function announce(text: string, kind: Toast['kind'] = 'done'): void {
  const toast = { id: ++count, text, kind };
  show([...toasts.slice(-2), toast]);
  setTimeout(() => show(toasts.filter(({ id }) => id !== toast.id)), SECONDS * 1_000);
}

/** The place of announcements. It exists from the start: screen readers watch only existing parts. */
export function Toasts() {
  const [, setCount] = useState(0);
  // Not after the next frame: something may be said before it.
  useLayoutEffect(() => {
    redraw = () => setCount((drawn) => drawn + 1);
  }, []);
  return (
    <div class="toasts">
      {(['done', 'problem'] as const).map((kind) => (
        <div key={kind} role={kind === 'done' ? 'status' : 'alert'}>
          {toasts
            .filter((toast) => toast.kind === kind)
            .map(({ id, text }) => (
              <p key={id} class={`toast ${kind}`}>
                <Icon name={kind === 'done' ? 'check' : 'warning'} />
                {text}
              </p>
            ))}
        </div>
      ))}
    </div>
  );
}

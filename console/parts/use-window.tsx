import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { findVisibleRows, type VisibleRows } from '../scale.ts';

interface Window extends VisibleRows {
  /** For the element that scrolls. */
  readonly ref: { current: HTMLDivElement | null };
  readonly onScroll: () => void;
  /** Scrolls as little as needed to show a row. */
  readonly reveal: (row: number) => void;
}

/**
 * Finds the rows of a long list that its window shows. Every row has the same height.
 * @param headHeight height of what stays at the top of the window
 */
export function useWindow(count: number, rowHeight: number, headHeight = 0): Window {
  const ref = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ scrollTop: 0, height: 600 });
  const onScroll = useCallback(() => {
    const { scrollTop = 0, clientHeight = 0 } = ref.current ?? {};
    setPlace((last) =>
      last.scrollTop === scrollTop && last.height === clientHeight
        ? last
        : { scrollTop, height: clientHeight },
    );
  }, []);
  useLayoutEffect(() => {
    if (ref.current === null) return;
    const watcher = new ResizeObserver(onScroll);
    watcher.observe(ref.current);
    return () => watcher.disconnect();
  }, [onScroll]);
  const reveal = useCallback(
    (row: number) => {
      const box = ref.current;
      if (box === null) return;
      const top = row * rowHeight;
      const bottom = top + rowHeight + headHeight - box.clientHeight;
      if (box.scrollTop > top) box.scrollTop = top;
      else if (box.scrollTop < bottom) box.scrollTop = bottom;
    },
    [rowHeight, headHeight],
  );
  return { ref, onScroll, reveal, ...findVisibleRows(place, rowHeight, count) };
}

/** Takes the place of the rows of a table that its window does not show. */
export function Spacer({ height }: { readonly height: number }) {
  return height <= 0 ? null : (
    <tr class="spacer">
      <td style={{ height: `${height}px` }} />
    </tr>
  );
}

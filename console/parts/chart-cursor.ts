import { useState } from 'preact/hooks';
import { moveIndex } from '../move-index.ts';

export interface ChartCursor {
  /** Index of the point under the pointer or the keyboard. */
  readonly index: number | undefined;
  readonly setIndex: (index: number | undefined) => void;
  /** Attributes that make a chart a slider over its points: arrow keys read them, Enter opens one. */
  readonly slider: Readonly<Record<string, unknown>>;
}

/** Steps of the keys; the rest is relative to the current point. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -7,
  PageUp: 7,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/**
 * Moves through the points of a chart by pointer and keyboard.
 * @param describe says a point in words
 * @param onOpen called for the point that was chosen
 */
export function useChartCursor(
  count: number,
  label: string,
  describe: (index: number) => string,
  onOpen: (index: number) => void,
): ChartCursor {
  const [chosen, setChosen] = useState<{ readonly label: string; readonly index: number }>();
  // The points of another answer may be fewer, and those of another chart are others.
  const isHere = chosen !== undefined && chosen.label === label && chosen.index < count;
  const index = isHere ? chosen.index : undefined;
  const setIndex = (given: number | undefined) =>
    setChosen(given === undefined ? undefined : { label, index: given });
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (event.key === 'Enter' && index !== undefined) onOpen(index);
    else if (step !== undefined) setIndex(moveIndex(index, step, count));
    else return;
    event.preventDefault();
  };
  return {
    index,
    setIndex,
    slider: {
      role: 'slider',
      tabIndex: 0,
      'aria-label': label,
      'aria-valuemin': 0,
      'aria-valuemax': Math.max(0, count - 1),
      'aria-valuenow': index ?? Math.max(0, count - 1),
      'aria-valuetext': describe(index ?? count - 1),
      onKeyDown,
      onBlur: () => setIndex(undefined),
    },
  };
}

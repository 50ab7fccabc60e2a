import { format } from '../format.ts';
import { placeBar } from '../scale.ts';
import { useChartCursor } from './chart-cursor.ts';
import type { DayPoint } from './chart-series.tsx';

interface Props {
  /** Name beside the chart. */
  readonly name: string;
  /** Name of the chart for a screen reader. */
  readonly label: string;
  /** Total of the points, as text for people. */
  readonly total: string;
  /** Every day of the range, the oldest first. */
  readonly points: readonly DayPoint[];
  /** Limits that the strips of several stores share. */
  readonly min: number;
  readonly max: number;
  readonly onOpen: (day: string) => void;
}

/** Units of the drawing; it is stretched to the width of its box. */
const BAR_WIDTH = 10;
const BAR_GAP = 2;
const HEIGHT = 100;

/** Amounts by day as one strip of bars, without axes. */
export function StripChart({ name, label, total, points, min, max, onOpen }: Props) {
  const describe = (index: number) => {
    const point = points[index];
    return point === undefined ? 'No days' : `${format.longDay(point.day)}: ${format.amount(point.amount)}`;
  };
  const open = (index: number) => onOpen(points[index]!.day);
  const { index, setIndex, slider } = useChartCursor(points.length, label, describe, open);
  const find = (event: MouseEvent) => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    const place = Math.floor(((event.clientX - left) / width) * points.length);
    return Math.min(points.length - 1, Math.max(0, place));
  };
  return (
    <div class="strip" {...slider}>
      <p class="strip-name">
        <bdi>{name}</bdi>
      </p>
      <svg
        class="strip-bars"
        viewBox={`0 0 ${Math.max(1, points.length) * BAR_WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        onMouseMove={(event) => setIndex(find(event))}
        onMouseLeave={() => setIndex(undefined)}
        onClick={(event) => points.length > 0 && open(find(event))}
      >
        <rect class="strip-ground" width="100%" height={HEIGHT} />
        {points.map(({ day, amount }, place) => {
          const { start, size } = placeBar(Number(amount), min, max);
          const height = size === 0 ? 0 : Math.max(2, size * HEIGHT);
          return (
            <rect
              key={day}
              class={place === index ? 'strip-bar strip-bar-chosen' : 'strip-bar'}
              x={place * BAR_WIDTH + BAR_GAP / 2}
              width={BAR_WIDTH - BAR_GAP}
              y={(1 - start) * HEIGHT - height}
              height={height}
            />
          );
        })}
      </svg>
      <p class="strip-value number">{index === undefined ? total : describe(index)}</p>
    </div>
  );
}

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { addDays, countDays } from '../calendar.ts';
import { format } from '../format.ts';
import { useChartCursor } from './chart-cursor.ts';

export interface DayPoint {
  readonly day: string;
  /** Decimal text. */
  readonly amount: string;
}

interface Props {
  /** Name of the chart for a screen reader. */
  readonly label: string;
  readonly points: readonly DayPoint[];
  readonly since: string;
  readonly until: string;
  readonly kind: 'bars' | 'line';
  /** Charts with the same key move their cursors together. */
  readonly group: string;
  readonly onOpen: (day: string) => void;
}

const HEIGHT = 190;
/** Days between the ticks of the time axis. */
const DAY_STEPS = [1, 2, 7, 14, 28, 91, 182, 364, 728, 1820];
const EPOCH = '1970-01-01';
const LONG_DAYS = 300;

/** Amounts by day as bars or as a line. The x axis counts days, so that no time zone shifts them. */
export function SeriesChart({ label, points, since, until, kind, group, onOpen }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const isDark = useDark();
  const describe = (index: number) => {
    const point = points[index];
    return point === undefined
      ? 'No transactions'
      : `${format.longDay(point.day)}: ${format.amount(point.amount)}`;
  };
  const open = (index: number) => onOpen(points[index]!.day);
  const { index, setIndex, slider } = useChartCursor(points.length, label, describe, open);
  const latest = useRef({ open, setIndex });
  latest.current = { open, setIndex };

  // Before the next paint: a click on the former chart would open a day of these points.
  useLayoutEffect(() => {
    const element = box.current!;
    const options = buildOptions({ element, since, until, kind, group });
    const chart = new uPlot(
      {
        ...options,
        hooks: { setCursor: [({ cursor }) => latest.current.setIndex(cursor.idx ?? undefined)] },
      },
      // Drawn as numbers; every number that is shown as text is exact.
      [points.map(({ day }) => countDays(EPOCH, day)), points.map(({ amount }) => Number(amount))],
      element,
    );
    const click = () => {
      if (typeof chart.cursor.idx === 'number') latest.current.open(chart.cursor.idx);
    };
    chart.over.addEventListener('click', click);
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    plot.current = chart;
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [points, since, until, kind, group, isDark]);

  // Shows the point of the keyboard as the pointer would.
  useLayoutEffect(() => {
    const chart = plot.current;
    if (chart === undefined || index === undefined || chart.cursor.idx === index) return;
    const [days, amounts] = chart.data;
    chart.setCursor({ left: chart.valToPos(days[index]!, 'x'), top: chart.valToPos(amounts![index]!, 'y') });
  }, [index]);

  return (
    <div class="chart" {...slider}>
      <p class="chart-value" aria-hidden="true">
        {index === undefined ? ' ' : describe(index)}
      </p>
      <div class="chart-box" ref={box} />
    </div>
  );
}

function buildOptions({
  element,
  since,
  until,
  kind,
  group,
}: Pick<Props, 'since' | 'until' | 'kind' | 'group'> & { readonly element: HTMLElement }): uPlot.Options {
  const { fontFamily } = getComputedStyle(element);
  const colour = (name: string) => resolveColour(element, name);
  const [first, last] = [countDays(EPOCH, since), countDays(EPOCH, until)];
  const isLong = last - first > LONG_DAYS;
  const axis: uPlot.Axis = {
    stroke: colour('--ink-soft'),
    font: `12px ${fontFamily}`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const toDay = (value: number) => addDays(EPOCH, value);
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      sync: { key: group },
      points: { size: 8, fill: colour('--accent') },
    },
    scales: {
      // Half a day of room on both sides, for the bars of the first and the last day.
      x: { time: false, range: [first - 0.6, last + 0.6] },
      y: { range: (_, min, max) => uPlot.rangeNum(Math.min(0, min), Math.max(0, max) || 1, 0.1, true) },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 30,
        space: isLong ? 80 : 60,
        incrs: DAY_STEPS,
        values: (_, days) =>
          days.map((day) => (isLong ? format.shortMonth(toDay(day)) : format.shortDay(toDay(day)))),
      },
      { ...axis, size: 60, values: (_, values) => values.map(format.compact) },
    ],
    series: [
      {},
      {
        stroke: colour('--accent'),
        fill: colour(kind === 'bars' ? '--accent' : '--accent-soft'),
        width: kind === 'bars' ? 0 : 2,
        points: { show: kind === 'line' && last - first < 62 },
        paths: kind === 'bars' ? uPlot.paths.bars!({ size: [0.72, 48] }) : uPlot.paths.stepped!({ align: 1 }),
      },
    ],
  };
}

/** Resolves a variable of the style sheet to a colour that a canvas knows. */
function resolveColour(element: HTMLElement, name: string): string {
  element.style.color = `var(${name})`;
  const { color } = getComputedStyle(element);
  element.style.color = '';
  return color;
}

/** True while the person prefers dark colours, but for paper. */
function useDark(): boolean {
  const [isDark, setDark] = useState(() => matchMedia('screen and (prefers-color-scheme: dark)').matches);
  useLayoutEffect(() => {
    const query = matchMedia('screen and (prefers-color-scheme: dark)');
    const follow = () => setDark(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return isDark;
}

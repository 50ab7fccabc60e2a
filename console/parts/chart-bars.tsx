import { placeBar } from '../scale.ts';

interface BarItem {
  /** Unique among the entries. */
  readonly key: string;
  readonly name: string;
  /** Length of the bar. */
  readonly size: number;
  /** The exact value, as text for people. */
  readonly value: string;
  readonly detail?: string | undefined;
  /** Where the value comes from. */
  readonly href?: string | undefined;
  /** True for the entry that the page is about. */
  readonly isChosen?: boolean;
}

interface Props {
  readonly label: string;
  readonly items: readonly BarItem[];
  /** Class of the style sheet with the colour of the bars. */
  readonly style?: string;
}

const WIDTH = 1_000;
const HEIGHT = 10;

/** A list with a bar for each entry. Its text is its own alternative. */
export function BarList({ label, items, style = 'bars-plain' }: Props) {
  const max = Math.max(0, ...items.map(({ size }) => size));
  const min = Math.min(0, ...items.map(({ size }) => size));
  return (
    <ol class={`bars ${style}`} aria-label={label}>
      {items.map((item) => {
        const { start, size } = placeBar(item.size, min, max);
        const content = (
          <>
            <span class="bars-name">
              <bdi>{item.name}</bdi>
              {item.detail !== undefined && <small>{item.detail}</small>}
            </span>
            <span class="bars-value number">{item.value}</span>
            <svg
              class="bars-bar"
              viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
              preserveAspectRatio="none"
              aria-hidden="true"
            >
              <rect class="bars-ground" width={WIDTH} height={HEIGHT} />
              <rect class="bars-length" x={start * WIDTH} width={size * WIDTH} height={HEIGHT} />
            </svg>
          </>
        );
        return (
          <li key={item.key}>
            {item.href === undefined ? (
              <div class="bars-row">{content}</div>
            ) : (
              <a class="bars-row" href={item.href} aria-current={item.isChosen ? 'true' : undefined}>
                {content}
              </a>
            )}
          </li>
        );
      })}
    </ol>
  );
}

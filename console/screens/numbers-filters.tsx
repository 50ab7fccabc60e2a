import { addDays } from '../calendar.ts';
import { StoreSelect } from '../parts/store-select.tsx';
import { type NumbersFilter, RANGES } from './numbers-query.ts';
import { ProductSearch } from './numbers-search.tsx';

interface Props {
  readonly filter: NumbersFilter;
  /** Days that are shown; undefined until they are known. */
  readonly range: { readonly since: string; readonly until: string } | undefined;
  readonly onChange: (change: Partial<NumbersFilter>) => void;
}

/** Choice of days, store and product. */
export function NumbersFilters({ filter, range, onChange }: Props) {
  const since = filter.since || range?.since || '';
  const until = filter.until || range?.until || '';
  return (
    <search class="filters">
      <ProductSearch
        value={filter.product}
        store={filter.store}
        onChange={(product) => onChange({ product })}
      />
      <StoreSelect value={filter.store} onChange={(store) => onChange({ store })} />
      <label class="field">
        From
        <input
          type="date"
          class={since === '' ? 'unknown' : undefined}
          value={since}
          max={until}
          onChange={({ currentTarget: { value } }) => value !== '' && onChange({ since: value, until })}
        />
      </label>
      <label class="field">
        To
        <input
          type="date"
          class={until === '' ? 'unknown' : undefined}
          value={until}
          onChange={({ currentTarget: { value } }) => value !== '' && onChange({ since, until: value })}
        />
      </label>
      <div class="row">
        {RANGES.map(({ days, label }) => {
          const first = until === '' ? '' : addDays(until, 1 - days);
          return (
            <button
              key={days}
              type="button"
              class="chip"
              disabled={first === ''}
              aria-pressed={first === since}
              onClick={() => onChange({ since: first, until })}
            >
              {label}
            </button>
          );
        })}
      </div>
    </search>
  );
}

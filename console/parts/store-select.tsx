import { useSession } from '../session.ts';

interface Props {
  /** Empty for all stores. */
  readonly value: string;
  readonly onChange: (store: string) => void;
}

/** A choice among the stores of the caller. With one store there is nothing to choose. */
export function StoreSelect({ value, onChange }: Props) {
  const stores = useSession()?.stores ?? [];
  if (stores.length < 2 && value === '') return null;
  const options = stores.includes(value) || value === '' ? stores : [value, ...stores];
  return (
    <label class="field">
      Store
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">All stores</option>
        {options.map((store) => (
          <option key={store} value={store}>
            {store}
          </option>
        ))}
      </select>
    </label>
  );
}

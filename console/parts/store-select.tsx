import { useStores } from '../stores.ts';

interface Props {
  /** Empty for all stores. */
  readonly value: string;
  readonly onChange: (store: string) => void;
}

/** A choice among the stores of the caller. Its place is the same before they are known. */
export function StoreSelect({ value, onChange }: Props) {
  const stores = useStores();
  const options = stores.includes(value) || value === '' ? stores : [value, ...stores];
  return (
    <label class="field store-select">
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

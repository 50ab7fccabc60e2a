import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../parts/icon.tsx';
import { StoreSelect } from '../parts/store-select.tsx';
import { nameRejectCode } from '../reject-names.ts';
import { hrefOf, navigate } from '../router.ts';
import { showText } from '../show-text.ts';
import { changeFilter, FILE_FILTERS, type FilesFilter } from './files-query.ts';

/** Time after the last key until the list is asked for. */
const TYPING_MILLISECONDS = 350;

/** Filters of the list. Each is part of the address, so that a link and Back have the same list. */
export function FilesFilters({ filter }: { readonly filter: FilesFilter }) {
  const change = (values: Partial<FilesFilter>, replace = false) =>
    navigate(hrefOf('files', { query: changeFilter(filter, values) }), replace);
  return (
    <search class="stack">
      <nav class="tabs" aria-label="Kind of files">
        {FILE_FILTERS.map(({ status, label }) => (
          <a
            key={status}
            class="button"
            href={hrefOf('files', { query: changeFilter(filter, { status }) })}
            aria-current={status === filter.status ? 'page' : undefined}
          >
            {label}
          </a>
        ))}
      </nav>
      <div class="filters">
        <StoreSelect value={filter.store} onChange={(store) => change({ store })} />
        <label class="field">
          Arrived on
          <input
            type="date"
            value={filter.day}
            onChange={(event) => change({ day: event.currentTarget.value })}
          />
        </label>
        {filter.code !== '' && (
          <a class="button" href={hrefOf('files', { query: changeFilter(filter, { code: '' }) })}>
            {showText(nameRejectCode(filter.code), 60)} <Icon name="cross" />
            <span class="visually-hidden">Show files with other problems too</span>
          </a>
        )}
        <NameField value={filter.name} onChange={(name) => change({ name }, true)} />
      </div>
    </search>
  );
}

/** Searches after a pause of the keys. */
function NameField({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (name: string) => void;
}) {
  const [typed, setTyped] = useState(value);
  /** The name that the field has, or has asked for. */
  const asked = useRef(value);
  // Another filter may be chosen before the pause is over.
  const change = useRef(onChange);
  change.current = onChange;
  useLayoutEffect(() => {
    // Back and a link change the address without a key. What is typed meanwhile stays, and so does a space at its end.
    if (value === asked.current) return;
    asked.current = value;
    setTyped(value);
  }, [value]);
  useEffect(() => {
    const name = typed.trim();
    if (name === asked.current) return;
    const timer = setTimeout(() => {
      asked.current = name;
      change.current(name);
    }, TYPING_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <label class="field grow">
      Name of the file
      <input
        type="search"
        value={typed}
        placeholder="Part of the name"
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
    </label>
  );
}

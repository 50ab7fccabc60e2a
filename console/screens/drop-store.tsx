import { useState } from 'preact/hooks';
import { STORE_PATTERN } from '../../lambdas/core/upload-key.ts';

/** Value of the choice that is not a name: names of stores do not begin with a sign. */
const OTHER = '+';

const focusOn = (input: HTMLInputElement | null) => input?.focus();

interface Props {
  readonly store: string;
  readonly stores: readonly string[];
  /** True if the files of every other store are accepted too. */
  readonly hasOthers: boolean;
  readonly onStore: (name: string) => void;
}

/** Chooses the store of the files that are dropped. */
export function StoreChoice({ store, stores, hasOthers, onStore }: Props) {
  const [isOther, setOther] = useState(false);
  const [hasFault, setFault] = useState(false);
  const choose = (name: string) => {
    setOther(name === OTHER);
    setFault(false);
    if (name !== OTHER) onStore(name);
  };
  const name = (written: string) => {
    const isName = STORE_PATTERN.test(written);
    setFault(!isName);
    if (isName) choose(written);
  };
  if (stores.length < 2 && !hasOthers) return null;
  return (
    <>
      <label class="row">
        <span class="muted">for the store</span>
        <select value={isOther ? OTHER : store} onChange={(event) => choose(event.currentTarget.value)}>
          {stores.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
          {hasOthers && <option value={OTHER}>Another store…</option>}
        </select>
      </label>
      {isOther && (
        <label class="field">
          Name of the store
          <input
            type="text"
            maxLength={63}
            autocomplete="off"
            aria-invalid={hasFault}
            ref={focusOn}
            onChange={(event) => name(event.currentTarget.value.trim())}
          />
          {hasFault && (
            <span role="alert">
              Use letters, digits, ".", "_" and "-", and begin with a letter or a digit.
            </span>
          )}
        </label>
      )}
    </>
  );
}

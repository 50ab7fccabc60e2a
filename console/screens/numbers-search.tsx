import { useEffect, useId, useState } from 'preact/hooks';
import type { ProductsAnswer } from '../../lambdas/core/api-answers.ts';
import { plural } from '../../lambdas/core/plural.ts';
import { useLive } from '../poll.ts';

const TYPING_MILLISECONDS = 250;

interface Props {
  readonly value: string;
  readonly store: string;
  readonly onChange: (product: string) => void;
}

/** Finds a product by a part of its name. Arrow keys choose, Enter takes, Escape gives up. */
export function ProductSearch({ value, store, onChange }: Props) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const [search, setSearch] = useState('');
  const [place, setPlace] = useState(-1);
  const isOpen = typed !== undefined;
  useEffect(() => {
    if (typed === undefined) return;
    const timer = setTimeout(() => setSearch(typed.trim()), TYPING_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [typed]);
  const { data, isFirst } = useLive<ProductsAnswer>(isOpen ? '/products' : undefined, { search, store });
  // The answer to an earlier text is not one to choose from.
  const isSearching = isFirst || typed?.trim() !== search;
  const products = isSearching ? [] : (data?.products ?? []);
  const close = () => {
    setTyped(undefined);
    setPlace(-1);
  };
  const take = (product: string) => {
    close();
    if (product !== value) onChange(product);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = products[place] ?? (products.length === 1 ? products[0] : undefined);
    if (step !== undefined && isOpen) setPlace(Math.max(-1, Math.min(products.length - 1, place + step)));
    else if (step !== undefined) setTyped('');
    else if (event.key === 'Enter' && chosen !== undefined) take(chosen);
    else if (event.key === 'Enter' && typed === '') take('');
    else if (event.key === 'Escape' && isOpen) close();
    else return;
    event.preventDefault();
  };
  const combobox = {
    role: 'combobox',
    'aria-autocomplete': 'list',
    'aria-expanded': isOpen,
    'aria-controls': `${id}-list`,
    'aria-activedescendant': products[place] === undefined ? undefined : `${id}-${place}`,
  };
  return (
    <div class="field product-search">
      <label for={`${id}-input`}>Product</label>
      <input
        id={`${id}-input`}
        {...(combobox as object)}
        type="search"
        autocomplete="off"
        placeholder="The best seller"
        value={typed ?? value}
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value);
          setPlace(-1);
        }}
        onClick={() => typed === undefined && setTyped('')}
        onBlur={close}
        onKeyDown={onKeyDown}
      />
      <div class="product-list" hidden={!isOpen}>
        <div id={`${id}-list`} role="listbox" aria-label="Products" tabIndex={-1}>
          {products.map((product, index) => (
            <div
              key={product}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === place}
              onMouseDown={(event) => {
                // The field keeps the focus: leaving it closes the list.
                event.preventDefault();
                take(product);
              }}
            >
              <bdi>{product}</bdi>
            </div>
          ))}
        </div>
        <p role="status" class="muted small">
          {isOpen && describeProducts(products.length, isSearching, data?.hasMore === true)}
        </p>
      </div>
    </div>
  );
}

function describeProducts(count: number, isSearching: boolean, hasMore: boolean): string {
  if (isSearching) return 'Searching…';
  if (count === 0) return 'No product has this text in its name.';
  if (hasMore) return `The first ${count} products. Type more of the name to find others.`;
  return `${count} ${plural(count, 'product')}`;
}

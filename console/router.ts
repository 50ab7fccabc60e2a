import { useLayoutEffect, useState } from 'preact/hooks';

/** Path of each screen after `#/`, with the names of its variables. */
const PATHS = {
  drop: '',
  files: 'files',
  upload: 'files/:id',
  fix: 'files/:id/fix',
  numbers: 'numbers',
  days: 'days',
  operations: 'operations',
} as const;

export type ScreenName = keyof typeof PATHS;

/** A place in the console: the part of its address after `#`. */
export interface Route {
  readonly screen: ScreenName;
  /** The upload of the screens `upload` and `fix`. */
  readonly id?: string | undefined;
  readonly query: Readonly<Record<string, string>>;
}

/** Reads an address such as `#/files/<id>?page=2`. An unknown one is the first screen. */
export function readRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?');
  const query = Object.fromEntries(new URLSearchParams(search));
  const given = path.split('/');
  for (const [screen, template] of Object.entries(PATHS) as [ScreenName, string][]) {
    const wanted = template.split('/');
    const isMatch = wanted.every((part, index) => part.startsWith(':') || part === given[index]);
    if (!isMatch || wanted.length !== given.length) continue;
    const id = given[wanted.indexOf(':id')];
    return { screen, ...(id !== undefined && { id: safeDecode(id) }), query };
  }
  return { screen: 'drop', query: {} };
}

/** Writes the address of a screen, for links. Empty values of the query are left out. */
export function hrefOf(
  screen: ScreenName,
  { id = '', query = {} }: { id?: string; query?: Readonly<Record<string, string | undefined>> } = {},
): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  const search = new URLSearchParams(given).toString();
  const path = PATHS[screen].replace(':id', encodeURIComponent(id));
  return `#/${path}${search && `?${search}`}`;
}

/** Changes the address. @param replace true to leave no step in the history, as for a filter */
export function navigate(href: string, replace = false): void {
  if (!replace) {
    location.hash = href;
    return;
  }
  history.replaceState(null, '', href);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/** The current route, which follows the address. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  useLayoutEffect(() => {
    const follow = () => setRoute(readRoute(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

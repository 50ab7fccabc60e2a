import type { Route } from '../router.ts';

export function Numbers(_: { readonly route: Route }) {
  return <h1>Numbers</h1>;
}

import type { Route } from '../router.ts';

export function Days(_: { readonly route: Route }) {
  return <h1>Days</h1>;
}

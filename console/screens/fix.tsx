import type { Route } from '../router.ts';

export function Fix(_: { readonly route: Route }) {
  return <h1>Correct</h1>;
}

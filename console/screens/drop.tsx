import type { Route } from '../router.ts';

export function Drop(_: { readonly route: Route }) {
  return <h1>Send</h1>;
}

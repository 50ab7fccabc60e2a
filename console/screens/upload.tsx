import type { Route } from '../router.ts';

export function Upload(_: { readonly route: Route }) {
  return <h1>File</h1>;
}

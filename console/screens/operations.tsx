import type { Route } from '../router.ts';

export function Operations(_: { readonly route: Route }) {
  return <h1>Operations</h1>;
}

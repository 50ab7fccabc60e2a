import type { Route } from '../router.ts';

export function Files(_: { readonly route: Route }) {
  return <h1>Files</h1>;
}

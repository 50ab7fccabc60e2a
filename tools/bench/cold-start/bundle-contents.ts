import { build, type Metafile } from 'esbuild';
import { BUNDLING, REPLACED_PACKAGES } from '../../../lib/pipeline/bundling.ts';

const OUTPUT = 'index.mjs';

/** What a function's bundle is made of. */
export interface BundleContents {
  readonly bytes: number;
  /** Bytes of each package in it, the largest first; the project's own folders are among them. */
  readonly packages: readonly { readonly name: string; readonly bytes: number }[];
}

/** Bundles a function as its deployment does, into nowhere, and looks at what got in. */
export async function readBundle(folder: string): Promise<BundleContents> {
  const { banner, sourceMap, ...options } = BUNDLING;
  const { metafile } = await build({
    ...options,
    banner: { js: banner },
    sourcemap: sourceMap,
    alias: { ...REPLACED_PACKAGES },
    bundle: true,
    platform: 'node',
    format: 'esm',
    entryPoints: [`lambdas/${folder}/index.ts`],
    outfile: OUTPUT,
    write: false,
    metafile: true,
  });
  return contentsOf(metafile);
}

export function contentsOf({ outputs }: Pick<Metafile, 'outputs'>): BundleContents {
  const { bytes, inputs } = outputs[OUTPUT]!;
  const packages = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const name = packageOf(path);
    packages.set(name, (packages.get(name) ?? 0) + bytesInOutput);
  }
  const sorted = [...packages].sort(([, one], [, two]) => two - one);
  return { bytes, packages: sorted.map(([name, packageBytes]) => ({ name, bytes: packageBytes })) };
}

/** `@aws-sdk/core` of `…/node_modules/@aws-sdk/core/dist-es/index.js`, `lambdas/core` of `lambdas/core/money.ts`. */
function packageOf(path: string): string {
  const name = [...path.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].at(-1)?.[1];
  return name ?? path.split('/').slice(0, -1).slice(0, 2).join('/');
}

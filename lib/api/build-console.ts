import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, buildSync } from 'esbuild';
import { CONSOLE_FOLDER } from '../../lambdas/shared/api-routes.ts';

/** The oldest browsers that the console supports. index.html and docs/console.md name them, and main.tsx looks for them. */
export const OLDEST = { chrome: '123', firefox: '124', safari: '17.5' } as const;

const OPTIONS = {
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: Object.entries(OLDEST).map(([name, version]) => name + version),
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  // The settings of the type checker must not change the files.
  tsconfigRaw: {},
} as const satisfies BuildOptions;

/**
 * Builds the console into the folder of a function's asset: each file compressed with gzip. The names of all files but
 * `index.html` have a hash of their content.
 * @param root the project's folder
 */
export function buildConsole(assetDir: string, root = '.'): void {
  const source = resolve(root, 'console');
  const worker = build(source, ['worker/parse-worker.ts'], {});
  const define = { WORKER_FILE: JSON.stringify(nameOf(worker, 'worker/parse-worker.ts')) };
  const page = build(source, ['main.tsx', 'style.css'], { splitting: true, define });
  const icon = readFileSync(join(source, 'icon.svg'));
  const iconName = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8)}.svg`;
  const html = [
    ['main.js', nameOf(page, 'main.tsx')],
    ['style.css', nameOf(page, 'style.css')],
    ['icon.svg', iconName],
  ].reduce(
    (text, [from, to]) => text.replaceAll(`"${from}"`, `"${to}"`),
    readFileSync(join(source, 'index.html'), 'utf8').replace('</head>', `${linkImports(page)}</head>`),
  );
  const files: [string, Uint8Array][] = [
    ...[...worker.outputFiles, ...page.outputFiles].map(
      ({ path, contents }) => [basename(path), contents] as [string, Uint8Array],
    ),
    [iconName, icon],
    ['index.html', Buffer.from(html)],
  ];
  const folder = join(assetDir, CONSOLE_FOLDER);
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of files) {
    writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }));
  }
}

type Built = ReturnType<typeof build>;

function build(absWorkingDir: string, entryPoints: string[], options: BuildOptions) {
  const output = { outdir: 'out', metafile: true, write: false } as const;
  return buildSync({ ...OPTIONS, ...options, absWorkingDir, entryPoints, ...output });
}

/** Lets the browser fetch what the first script imports together with it. */
function linkImports({ metafile }: Built): string {
  const { imports } = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint === 'main.tsx')!;
  const names = imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => basename(path));
  return names.map((name) => `<link rel="modulepreload" href="${name}">`).join('');
}

/** Finds the file that was built from an entry. */
function nameOf({ metafile }: Built, entry: string): string {
  const [path] = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === entry)!;
  return basename(path);
}

import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { FAILURE_CODES, REJECT_CODES } from '../../../lambdas/core/reject-codes.ts';
import packageJson from '../../../package.json' with { type: 'json' };

const root = new URL('../../../', import.meta.url);
const readDocument = (path: string) => readFile(new URL(path, root), 'utf8');
const DOCUMENTS = [
  ...['README.md', 'CONTRIBUTING.md', 'local/README.md'].filter((path) => existsSync(new URL(path, root))),
  ...readdirSync(new URL('docs/', root)).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

/** Returns the anchors that GitHub gives to the headings of a document. */
async function readAnchors(path: string): Promise<string[]> {
  const headings = [...(await readDocument(path)).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test.each(Object.entries({ ...REJECT_CODES, ...FAILURE_CODES }))(
  'the data contract documents %s with the message of the code',
  async (code, meaning) => {
    expect(await readDocument('docs/data-contract.md')).toContain(`| \`${code}\` | ${meaning} |`);
  },
);

test('every fault in the reliability table names an existing test', async () => {
  const matrix = await readDocument('docs/reliability.md');
  const rows = [...matrix.matchAll(/^\| .+ \| .+ \| `([^`]+)`: (.+) \|$/gm)];
  expect(rows.length).toBeGreaterThan(25);
  expect(rows).toHaveLength([...matrix.matchAll(/^\| (?!fault|---)/gm)].length);
  for (const [, file, title] of rows) {
    expect(await readDocument(file!), file).toContain(`'${title}'`);
  }
});

test.each(DOCUMENTS)('%s names only existing files and folders of the project', async (document) => {
  const text = await readDocument(document);
  const paths = [
    ...text.matchAll(/`((?:bin|cli|docs|lambdas|lib|local|samples|sql|test|tools)\/[\w./-]*)`/g),
  ];
  const missing = paths.map(([, path]) => path!).filter((path) => !existsSync(new URL(path, root)));
  expect(missing).toEqual([]);
});

test.each(DOCUMENTS)('%s links only to existing files and headings', async (document) => {
  const text = (await readDocument(document)).replace(/<!-- corpus[\s\S]*<!-- end of corpus -->/, '');
  for (const [, path, anchor] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
    const target =
      path === '' ? document : new URL(path!, new URL(document, root)).href.slice(root.href.length);
    expect(existsSync(new URL(target, root)), target).toBe(true);
    if (anchor !== undefined) expect(await readAnchors(target), target).toContain(anchor);
  }
});

test('comments and messages that cite a document name one of its headings', async () => {
  const folders = ['bin', 'cli', 'lambdas', 'lib', 'local', 'tools', '.github'];
  const files = folders.flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|yml)$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const sources = await Promise.all(files.map(async (file) => ({ file, text: await readDocument(file) })));
  const cited = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/(docs\/[\w-]+\.md)`?, "([^"$]+)"/g)].map(([, path, heading]) => ({
      file,
      path,
      heading,
    })),
  );
  expect(cited).not.toEqual([]);
  for (const { file, path, heading } of cited) {
    const headings = [...(await readDocument(path!)).matchAll(/^#+ (.+)$/gm)].map(([, title]) => title);
    expect(headings, `${file} cites ${path}`).toContain(heading);
  }
});

test('docs/dependencies.md names every package of package.json, and no other', async () => {
  const text = await readDocument('docs/dependencies.md');
  const cells = [...text.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell]) => cell!);
  const named = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
  const packages = Object.keys({ ...packageJson.dependencies, ...packageJson.devDependencies });
  const names = new Set(packages.map((name) => (name.startsWith('@types/') ? '@types/*' : name)));
  expect(named.sort()).toEqual([...names].sort());
});

test.each(['Where the time goes', 'What was tried'])(
  'the numbers of "%s", which no command updates, have the date of their measurement',
  async (heading) => {
    expect(await readDocument('docs/performance.md')).toMatch(
      new RegExp(`^## ${heading}\\nMeasured by hand on \\d{4}-\\d\\d-\\d\\d`, 'm'),
    );
  },
);

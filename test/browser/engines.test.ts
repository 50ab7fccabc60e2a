import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createConsoleLink } from '../../cli/commands/console.ts';
import { makeCorpus } from '../corpus/make/corpus.ts';
import { TestCloud } from '../support/test-cloud.ts';
import { csv, row } from './drop-files.ts';
import { ENTER, type Engine, FIREFOX, startFirefox, startWebKit, WEBKIT } from './engines.ts';

const ENGINES = [
  { name: 'Firefox', program: FIREFOX, start: startFirefox, file: 'retail_01_06_2025.csv.gz', first: 100 },
  { name: 'WebKit', program: WEBKIT, start: startWebKit, file: 'retail_02_06_2025.csv.gz', first: 200 },
];
const WORKBOOK = makeCorpus().find(({ path }) => path === 'workbooks/plain.xlsx')!;

let cloud: TestCloud | undefined;
beforeAll(async () => {
  if (ENGINES.some(({ program }) => program !== undefined)) cloud = await TestCloud.start();
});
afterAll(() => cloud?.stop());

describe.each(ENGINES)('the console in $name', ({ name: product, program, start, file, first }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (program !== undefined) engine = await start();
  });
  afterAll(() => engine?.stop());

  const shows = (text: string) =>
    expect.poll(() => engine.run(() => document.body.innerText.replace(/\s+/g, ' '))).toContain(text);
  const click = (name: string) =>
    expect
      .poll(() =>
        engine.run((name) => {
          const parts = [...document.querySelectorAll<HTMLElement>('main :is(a, button):not(:disabled)')];
          const part = parts.find(({ ariaLabel, innerText }) => (ariaLabel ?? innerText.trim()) === name);
          part?.click();
          return part !== undefined;
        }, name),
      )
      .toBe(true);
  const drop = (name: string, bytes: Buffer) =>
    engine.run(
      (name, base64) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([bytes], name));
        for (const type of ['dragenter', 'dragover', 'drop'])
          document.body.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
      },
      name,
      bytes.toString('base64'),
    );
  /** Keeps what goes wrong in the page from now on. */
  const watchProblems = () =>
    engine.run(() => {
      const problems: string[] = [];
      Object.assign(window, { problems });
      addEventListener('error', ({ message }) => problems.push(message));
      addEventListener('unhandledrejection', ({ reason }) => problems.push(String(reason)));
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        problems.push(`${violatedDirective} ${blockedURI}`),
      );
    });
  const isChartDrawn = () =>
    engine.run(() => {
      const canvas = document.querySelector('canvas');
      const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
      return pixels?.some((value) => value > 0) === true;
    });

  test.skipIf(program === undefined)(
    'a broken file is checked, sent and corrected down to 0 left, and its rows are in the charts',
    async () => {
      await engine.open(createConsoleLink(cloud!.cloud.running)!);
      await expect
        .poll(() => engine.run(() => document.querySelectorAll('main button:enabled').length))
        .toBe(2);
      await watchProblems();
      await drop('retail_03_06_2025.xlsx', WORKBOOK.bytes as Buffer);
      await shows('rows will load');
      await click('Remove retail_03_06_2025.xlsx');
      const rows = ['SELL', 'LEND', 'SELL'].map((category, index) => row(first + index, category, product));
      await drop(file, gzipSync(csv(...rows)));
      await shows('2 of 3 rows will load, 1 to correct');
      await click('Send');
      await click('Correct 1 row');
      await shows('0 of 1 row corrected');
      await engine.run(() => document.querySelector<HTMLElement>('[role="grid"]')!.focus());
      await engine.type(`SELL${ENTER}`);
      await click('Send 1 correction');
      await shows('0 left');
      await click('See it in Numbers');
      // The rows of the other browser have another product.
      await shows(`Balance of ${product}`);
      await shows('+3.60');
      await expect.poll(isChartDrawn).toBe(true);
      expect(await engine.run(() => (window as unknown as { problems: string[] }).problems)).toEqual([]);
    },
  );
});

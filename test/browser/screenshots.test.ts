import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { temporaryDir } from '../support/temporary-dir.ts';
import { describeConsole, NARROW } from './running-console.ts';

/** `npm run screenshots` replaces the pictures of docs/console.md. */
const isKept = process.env.RETAIL_SCREENSHOTS === 'yes';
const FOLDER = isKept ? fileURLToPath(new URL('../../docs/console', import.meta.url)) : temporaryDir();
const MAX_BYTES = 150_000;
/** The whole way of a file, for README.md. */
const WAY = [
  { name: 'send', title: '1. Drop a file: each row is checked before it is sent' },
  { name: 'correct', title: '2. Correct the other rows in place' },
  { name: 'numbers', title: '3. See the rows in the charts' },
] as const;
const sample = (name: string) => readFileSync(new URL(`../../samples/${name}`, import.meta.url), 'utf8');

/** A file with a problem in each of four rows. */
const BROKEN = sample('retail_16_03_2025.csv').replaceAll(/^[0-9a-f]{8}-/gm, '7b1e44d0-');

interface Shot {
  readonly name: string;
  readonly hash: string;
  /** Something that the screen shows once it has its data. */
  readonly shows: RegExp;
  readonly act?: (page: Page) => Promise<void>;
}

const SHOTS: readonly Shot[] = [
  {
    name: 'send',
    hash: '#/',
    shows: /to correct|problem/i,
    act: (page) =>
      page
        .locator('input[type="file"]')
        .first()
        .setInputFiles({
          name: 'retail_17_03_2025.csv',
          mimeType: 'text/csv',
          buffer: Buffer.from(BROKEN),
        }),
  },
  { name: 'files', hash: '#/files', shows: /retail_16_03_2025\.csv/ },
  { name: 'file', hash: '#/files/UPLOAD', shows: /retail_16_03_2025\.csv/ },
  { name: 'correct', hash: '#/files/UPLOAD/fix', shows: /UUID/ },
  { name: 'numbers', hash: '#/numbers', shows: /Kitchen Scale/ },
  { name: 'days', hash: '#/days?month=MONTH', shows: /Needs attention/ },
  { name: 'operations', hash: '#/operations', shows: /Operations/ },
];

describeConsole('the pictures of the console', (running) => {
  let uploadId = '';
  let receivedAt = '';
  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    for (const [store, name] of [
      ['main', 'retail_history.csv'],
      ['main', 'retail_15_03_2025.csv'],
      ['oslo', 'retail_15_03_2025.csv'],
      ['main', 'retail_16_03_2025.csv'],
    ] as const) {
      const text = store === 'oslo' ? sample(name).replaceAll(/^[0-9a-f]{8}-/gm, '5c0a91f2-') : sample(name);
      ({ uploadId, receivedAt } = await running.cloud.load(`incoming/store=${store}/${name}`, text));
    }
  });

  test.each(SHOTS)('show $name', async ({ name, hash, shows, act }) => {
    for (const [suffix, options] of [
      ['', {}],
      ['-narrow', { viewport: NARROW, colorScheme: 'dark', isMobile: true, hasTouch: true }],
    ] as const) {
      const place = hash.replace('UPLOAD', uploadId).replace('MONTH', receivedAt.slice(0, 7));
      const page = await running.open({ hash: place, ...options });
      await act?.(page);
      await page.locator('main').getByText(shows).first().waitFor();
      await running.isComplete(page);
      const path = join(FOLDER, `${name}${suffix}.png`);
      await page.screenshot({ path, animations: 'disabled' });
      expect(statSync(path).size).toBeLessThan(MAX_BYTES);
      await page.context().close();
    }
  });

  test('show the way of a file in one picture', async () => {
    const pictures = [];
    for (const { name, title } of WAY) {
      const { hash, shows, act } = SHOTS.find((shot) => shot.name === name)!;
      const page = await running.open({
        hash: hash.replace('UPLOAD', uploadId),
        viewport: NARROW,
        isMobile: true,
      });
      await act?.(page);
      await page.locator('main').getByText(shows).first().waitFor();
      await running.isComplete(page);
      const picture = await page.screenshot({ animations: 'disabled' });
      pictures.push({ title, url: `data:image/png;base64,${picture.toString('base64')}` });
      await page.context().close();
    }
    const page = await running.open({ viewport: { width: 1200, height: 860 } });
    // An empty document has no policy against these styles.
    await page.goto('about:blank');
    await page.setContent(`<!doctype html>
      <style>
        body { margin: 0; display: flex; width: max-content; gap: 30px; padding: 20px; font: 600 17px system-ui; color: #17211f; background: #fff }
        figure { margin: 0; width: ${NARROW.width}px }
        figcaption { height: 52px }
        img { width: 100%; height: 684px; object-fit: cover; object-position: top; border: 1px solid #87918e; border-radius: 14px }
      </style>
      ${pictures.map(({ title, url }) => `<figure><figcaption>${title}</figcaption><img src="${url}"></figure>`).join('')}`);
    const path = join(FOLDER, 'way.png');
    await page.locator('body').screenshot({ path });
    expect(statSync(path).size).toBeLessThan(MAX_BYTES);
  });
});

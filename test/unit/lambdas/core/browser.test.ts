import { createContext, Script } from 'node:vm';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import type { Profile } from '../../../../lambdas/core/profile.ts';
import { DEFAULT_RULES } from '../../../../lambdas/core/rules.ts';
import { parseAll } from '../../../support/parse-all.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const SETTINGS = { rules: DEFAULT_RULES, maxMessageBytes: 3_000 };
const PROFILE: Profile = { name: 'till', id: { from: ['id'] } };
const LINES = [
  'Export;;;;;;',
  'id;category;description;quantity;amount_excl_tax;amount_inc_tax',
  ...Array.from(
    { length: 60 },
    (_, index) => `00000000-0000-4000-8000-0000000000${index + 10};SELL;Crème 🍮;1;1.000,00 €;1.200,00 €`,
  ),
  'x;SELL;"Tea;1;1;1',
  'Total;;;;1;1',
];
const FILES = {
  'UTF-8': Buffer.from(LINES.join('\r\n')),
  'UTF-16LE': Buffer.from(`\ufeff${LINES.join('\n')}`, 'utf16le'),
  'Windows-1252': Buffer.from(LINES.join('\n').replaceAll('🍮', '').replaceAll('€', '\x80'), 'latin1'),
};

/** Bundles the parser core for browsers, where an import of a Node.js module is an error. */
async function bundleForBrowser(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: "export { parseBatches } from './parse.ts'; export { encodeMessage } from './row-batch.ts';",
      resolveDir: new URL('../../../../lambdas/core', import.meta.url).pathname,
    },
    platform: 'browser',
    format: 'iife',
    globalName: 'core',
    bundle: true,
    write: false,
  });
  return outputFiles[0]!.text;
}

test.each([
  ['', SETTINGS],
  [' by a profile', { ...SETTINGS, rules: { ...DEFAULT_RULES, profile: PROFILE } }],
])('the core gives the same batches in a browser%s, without anything of Node.js', async (_by, settings) => {
  const context = createContext({ TextDecoder, TextEncoder, Uint8Array });
  new Script(await bundleForBrowser()).runInContext(context);
  for (const [encoding, bytes] of Object.entries(FILES)) {
    Object.assign(context, { bytes: new Uint8Array(bytes), upload: uploadOf(), settings });
    const messages: string[] = await new Script(`(async () => {
      async function* chunks() {
        for (let start = 0; start < bytes.length; start += 100) yield bytes.subarray(start, start + 100);
      }
      const messages = [];
      for await (const { batch } of core.parseBatches(upload, { chunks: chunks() }, settings)) {
        messages.push(core.encodeMessage(batch));
      }
      return messages;
    })()`).runInContext(context);
    const { batches, rejects } = await parseAll(uploadOf(), [bytes], settings);
    expect(messages.length).toBeGreaterThan(2);
    expect(messages.map((message) => JSON.parse(message))).toEqual(JSON.parse(JSON.stringify(batches)));
    expect(batches.at(-1)!.closing!.format).toMatchObject({ encoding, skippedLines: { totals: 1 } });
    expect(rejects).toHaveLength(1);
  }
});

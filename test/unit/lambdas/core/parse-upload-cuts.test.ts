import { expect, it } from 'vitest';
import { encodeBatch } from '../../../../lambdas/core/row-batcher.ts';
import { parseAll } from '../../../support/parse-all.ts';
import { cut } from '../../../support/pieces.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const GOOD = '0284f92e-54f7-4766-880d-2cc5a8993a89,SELL,Crème 🍮,3,10.00,12.00';

async function encodedBatches(content: string, sizes: readonly number[]): Promise<string[]> {
  const settings = { basisPoints: 2_000, maxMessageBytes: 65_536, unknownColumns: 'ignore' } as const;
  const { batches } = await parseAll(uploadOf(), cut(Buffer.from(content), sizes), settings);
  return batches.map(encodeBatch);
}

// The network decides how an object's bytes are cut: a second parse must give the same batches all the same.
it.each([
  ['a row of a wrong category', GOOD.replace('SELL', 'sell')],
  ['an unclosed quote', `"${GOOD}`],
  ['U+FEFF before a wrong id', `\ufeff${GOOD.slice(1)}`],
  ['a NUL', GOOD.replace('Crème', 'Cr\0me')],
])('gives the same batches however the bytes of a large file with %s are cut', async (_what, bad) => {
  // Bad rows stand far behind the head of the file, on which line ends are decided.
  const lines = Array.from({ length: 3_000 }, (_, index) =>
    index > 2_000 && index % 25 === 24 ? bad : GOOD,
  );
  const content = [HEADER, ...lines].join('\n');
  const expected = await encodedBatches(content, [content.length * 4]);
  for (const sizes of [[71], [997], [65_536], [1, 40_000, 7]]) {
    const actual = await encodedBatches(content, sizes);
    const differing = expected.findIndex((text, index) => text !== actual[index]);
    expect([actual.length, differing], `cut into ${sizes}`).toEqual([expected.length, -1]);
  }
});

import { describe, expect, test } from 'vitest';
import { DEFAULT_RULES } from '../../../../lambdas/core/rules.ts';
import { damagedUtf8 } from '../../../corpus/make/encodings.ts';
import { HEADER } from '../../../corpus/make/situation.ts';
import { parseAll } from '../../../support/parse-all.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const HEAD_CHARACTERS = 262_144;

describe('text after the head of a file', () => {
  const COLUMNS = `${HEADER},transaction_date`.replaceAll(',', ';');
  const ID = '00000000-0000-4000-8000-000000000001';
  const PLAIN = `${ID};SELL;Tea;2;10;12;2025-03-15`;
  const FILLER = Array<string>(Math.ceil(HEAD_CHARACTERS / (PLAIN.length + 1))).fill(PLAIN);

  /** @param first lines at the beginning @param last lines after the head */
  async function parse(first: readonly string[], last: readonly string[], filler = FILLER) {
    const bytes = damagedUtf8([COLUMNS, ...first, ...filler, ...last].join('\n'));
    const settings = { rules: DEFAULT_RULES, maxMessageBytes: 1_048_576 };
    const { batches, rejects } = await parseAll(uploadOf(), [bytes], settings);
    return {
      rows: batches.reduce((sum, { rowCount }) => sum + rowCount, 0) - filler.length,
      rejected: rejects.map(({ column, code }) => [column, code]),
      format: batches.at(-1)!.closing!.format,
    };
  }

  test('does not decide the decimal separator', async () => {
    const last = [`${ID};SELL;Tea;2;10.50;12.60;2025-03-15`];
    const { rows, rejected, format } = await parse([`${ID};SELL;Oven;1;1,000;1,200;2025-03-15`], last);
    expect(rows).toBe(1);
    expect(rejected).toEqual([['amount_excl_tax', 'amount-ambiguous']]);
    expect(format).not.toHaveProperty('decimalSeparator');
  });

  test('does not decide the currency', async () => {
    const { rejected, format } = await parse([], [`${ID};SELL;Tea;2;10 €;12 €;2025-03-15`]);
    expect(rejected).toEqual([['amount_excl_tax', 'currency-mismatch']]);
    expect(format).not.toHaveProperty('currency');
  });

  test('does not decide whether dates have two readings', async () => {
    const { rows, rejected, format } = await parse(
      [`${ID};SELL;Tea;2;10;12;04/03/2025`],
      [`${ID};SELL;Tea;2;10;12;03/25/2025`],
    );
    expect(rows).toBe(1);
    expect(rejected).toEqual([['transaction_date', 'date-invalid']]);
    expect(format).toHaveProperty('dateFormat');
  });

  test('decides the encoding if the first non-ASCII byte is there', async () => {
    const { rows, rejected, format } = await parse([], [`${ID};SELL;Caf\udce9;2;10;12;2025-03-15`]);
    expect([rows, rejected]).toEqual([1, []]);
    expect(format).toMatchObject({ encoding: 'Windows-1252' });
  });

  test('does not decide the encoding more than 65,536 bytes after the first non-ASCII byte', async () => {
    const damaged = `${ID};SELL;Caf\udce9 cr\udce8me;2;10;12;2025-03-15`;
    const { rows, rejected, format } = await parse(
      [`${ID};SELL;Café;2;10;12;2025-03-15`],
      [damaged, damaged],
    );
    expect(rows).toBe(1);
    expect(rejected).toEqual(Array(2).fill(['description', 'name-not-utf8']));
    expect(format).toMatchObject({ encoding: 'UTF-8' });
  });
});

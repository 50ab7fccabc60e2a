import type { RejectCode } from '../../lambdas/core/reject-codes.ts';
import type { Choices } from './choices.ts';
import { chooseRow, type ExpectedRow } from './made-up-file.ts';

/** A call of the API with the expected result of each item. */
export interface MadeUpCall {
  readonly transport: 'http' | 'socket';
  /** Each item as it is sent. */
  readonly lines: readonly string[];
  readonly results: readonly (ExpectedRow | RejectCode)[];
  readonly idempotencyKey?: string;
}

/** Day of every item. */
export const CALL_DATE = '2024-02-01';

type Breakage = readonly [RejectCode, (item: string) => string];
const BREAKAGES: readonly Breakage[] = [
  ['quantity-invalid', (item) => item.replace(/"quantity":\d+/, '"quantity":0')],
  ['category-unknown', (item) => item.replace(/"category":"\w+"/, '"category":"RETURN"')],
  ['id-not-uuid', (item) => item.replace(/"id":"[^"]+"/, '"id":"x"')],
  ['json-value-invalid', (item) => item.replace(/"quantity":\d+/, '"quantity":[1]')],
  ['json-member-duplicated', (item) => item.replace('{', '{"quantity":1,')],
  ['json-not-object', () => '17'],
];
/** An array cannot have such an item. */
const MALFORMED: Breakage = ['json-malformed', (item) => item.slice(0, -1)];

/**
 * Makes a call.
 * @param earlier rows of other calls and files. Some of them are repeated, unchanged or changed
 */
export function makeCall(
  choices: Choices,
  earlier: readonly ExpectedRow[],
  count: number = choices.oneOf([1, 1, 3, 40]),
  transport: MadeUpCall['transport'] = choices.oneOf(['http', 'socket']),
): MadeUpCall {
  const items = Array.from({ length: count }, (): [string, ExpectedRow | RejectCode] => {
    const row = chooseRow(choices, earlier, true);
    if (!choices.chance(5)) return [writeItem(row, choices), row];
    const breakages = transport === 'http' ? [...BREAKAGES, MALFORMED] : BREAKAGES;
    const [code, breakItem] = choices.oneOf(breakages);
    return [breakItem(writeItem({ ...row, name: 'Soap' }, choices)), code];
  });
  const hasKey = transport === 'http' && choices.chance(50);
  return {
    transport,
    lines: items.map(([line]) => line),
    results: items.map(([, result]) => result),
    ...(hasKey && { idempotencyKey: `key ${choices.below(1_000_000_000)}` }),
  };
}

/** Writes a row as an item. An amount is a number or a text. */
function writeItem(row: ExpectedRow, choices: Choices): string {
  const { id, category, name, quantity, amountExclTax, amountIncTax } = row;
  const quote = choices.oneOf(['', '"']);
  const values = [
    `"id":"${id}"`,
    `"transaction_date":"${CALL_DATE}"`,
    `"category":"${category}"`,
    `"description":${JSON.stringify(name)}`,
    `"quantity":${quantity}`,
    ...[`"amount_excl_tax":${quote}${amountExclTax}${quote}`, `"amount_inc_tax":${amountIncTax}`],
  ];
  return `{${values.join(',')}}`;
}

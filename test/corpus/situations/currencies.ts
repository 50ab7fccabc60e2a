import { HEADER, type Subject } from '../make/situation.ts';

/** The currency, and an amount in it, with and without tax. */
const WRITTEN: readonly (readonly [file: string, currency: string, says: string, amounts: string])[] = [
  ['euro-before.csv', '€', 'The euro sign before amounts.', '€10.00;€ 12.00'],
  ['euro-after.csv', '€', 'The euro sign after amounts.', '10.00€;12.00 €'],
  ['dollar-before.csv', '$', 'The dollar sign before amounts.', '$10.00;$ 12.00'],
  ['rupee-before.csv', '₹', 'The rupee sign before amounts.', '₹ 10.00;₹ 12.00'],
  ['code-before.csv', 'EUR', 'The code EUR before amounts.', 'EUR 10.00;EUR12.00'],
  ['code-after.csv', 'CHF', 'The code CHF after amounts.', '10.00 CHF;12.00CHF'],
  ['kr.csv', 'kr', 'kr after amounts.', '10.00 kr;12.00 kr'],
  ['zl.csv', 'zł', 'zł after amounts.', '10.00 zł;12.00 zł'],
  ['kc.csv', 'Kč', 'Kč after amounts.', '10.00 Kč;12.00 Kč'],
  ['ft.csv', 'Ft', 'Ft after amounts.', '10.00 Ft;12.00 Ft'],
  ['lei.csv', 'lei', 'lei after amounts.', '10.00 lei;12.00 lei'],
];

export const currencies: Subject = {
  ...Object.fromEntries(
    WRITTEN.map(([name, currency, situation, amounts]) => [
      name,
      {
        situation,
        lines: [HEADER.replaceAll(',', ';'), `{1};SELL;Tea;2;${amounts}`],
        rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
        format: { delimiter: ';', currency },
      } as const,
    ]),
  ),
  'with-groups.csv': {
    situation:
      'A currency at amounts with groups and a decimal comma, a blank that does not break between them.',
    lines: [HEADER.replaceAll(',', ';'), '{1};SELL;Oven;1;1.234,50\u00a0€;€\u00a01.481,40'],
    rows: [[2, 1, 'SELL', 'Oven', 1, '1234.50', '1481.40']],
    format: { delimiter: ';', decimalSeparator: ',', currency: '€' },
  },
  'at-some-rows.csv': {
    situation: 'A currency at some amounts only.',
    lines: [HEADER, '{1},SELL,Tea,2,10.00,12.00', '{2},BUY,Kettle,1,24.90,£29.88'],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
    format: { currency: '£' },
  },
  'two.csv': {
    situation: 'Two currencies: the first one is that of the file.',
    lines: [
      HEADER,
      '{1},SELL,Tea,2,€10.00,€12.00',
      '{2},BUY,Kettle,1,$24.90,$29.88',
      '{3},BUY,Pan,1,€5.00,6.00 USD',
      '{4},BUY,Pot,1,5.00,6.00',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [5, 4, 'BUY', 'Pot', 1, '5.00', '6.00'],
    ],
    rejected: [
      [3, 'amount_excl_tax', 'currency-mismatch'],
      [4, 'amount_inc_tax', 'currency-mismatch'],
    ],
    format: { currency: '€' },
  },
  'none.csv': {
    situation: 'Letters at amounts that are no currency.',
    lines: [
      HEADER,
      '{1},SELL,Tea,2,10.00,12.00',
      '{2},BUY,Kettle,1,24.90 apples,29.88',
      '{3},BUY,Pan,1,5.00,x6.00',
    ],
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    rejected: [
      [3, 'amount_excl_tax', 'amount-invalid'],
      [4, 'amount_inc_tax', 'amount-invalid'],
    ],
  },
};

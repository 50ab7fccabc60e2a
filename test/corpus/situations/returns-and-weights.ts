import { HEADER, type Subject } from '../make/situation.ts';

const SEMICOLONS = HEADER.replaceAll(',', ';');
const ITEM = '"category":"SELL","description":"Plums"';

export const returnsAndWeights: Subject = {
  'returns.csv': {
    situation: 'Returns of a sale and of a purchase: a minus before or after the number, or parentheses.',
    lines: [
      HEADER,
      '{1},SELL,Tea,-2,-10.00,-12.00',
      '{2},BUY,Tea,2-,10.00-,12.00-',
      '{3},SELL,Tea,(2),(10.00),(12.00)',
      '{4},SELL,Tea,−2,− 10.00,12.00 −',
      '{5},SELL,Bag,-1,0.00,-0.00',
      '{6},SELL,Tea,2,10.00,12.00',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', -2, '-10.00', '-12.00'],
      [3, 2, 'BUY', 'Tea', -2, '-10.00', '-12.00'],
      [4, 3, 'SELL', 'Tea', -2, '-10.00', '-12.00'],
      [5, 4, 'SELL', 'Tea', -2, '-10.00', '-12.00'],
      [6, 5, 'SELL', 'Bag', -1, '0.00', '0.00'],
      [7, 6, 'SELL', 'Tea', 2, '10.00', '12.00'],
    ],
  },
  'returns-with-currencies.csv': {
    situation: 'Returns with a currency before or after the sign, a decimal comma and groups of digits.',
    lines: [
      SEMICOLONS,
      '{1};SELL;Oven;-1;-1.234,50 €;-1.481,40 €',
      '{2};SELL;Oven;-1;€ -1.234,50;-€1.481,40',
      '{3};SELL;Oven;-1;1.234,50- €;1.481,40 €-',
      '{4};SELL;Oven;-1;(1.234,50) €;(€1.481,40)',
    ],
    rows: [1, 2, 3, 4].map((number) => [number + 1, number, 'SELL', 'Oven', -1, '-1234.50', '-1481.40']),
    format: { delimiter: ';', decimalSeparator: ',', currency: '€' },
  },
  'signs-that-differ.csv': {
    situation: 'Negative amounts with a positive quantity, and other signs that differ.',
    lines: [
      HEADER,
      '{1},SELL,Tea,2,-10.00,-12.00',
      '{2},SELL,Tea,-2,10.00,12.00',
      '{3},SELL,Tea,-2,-10.00,12.00',
      '{4},SELL,Coupon,1,-1.00,-1.20',
    ],
    rejected: [2, 3, 4, 5].map((line) => [line, 'quantity', 'return-signs-differ']),
  },
  'no-signs.csv': {
    situation:
      'Signs that are none: two of them, half of the parentheses, a dash for no cents, within the digits.',
    lines: [
      HEADER,
      '{1},SELL,Tea,1,--10.00,12.00',
      '{2},SELL,Tea,1,-(10.00),12.00',
      '{3},SELL,Tea,1,-10.00-,12.00',
      '{4},SELL,Tea,1,(10.00,12.00',
      '{5},SELL,Tea,1,10.-,12.00',
      '{6},SELL,Tea,1,10.–,12.00',
      '{7},SELL,Tea,1,10-00,12.00',
      '{8},SELL,Tea,1,-,12.00',
    ],
    rejected: [2, 3, 4, 5, 6, 7, 8, 9].map((line) => [line, 'amount_excl_tax', 'amount-invalid']),
  },
  'weights.csv': {
    situation: 'Weights, and pieces written with decimals.',
    lines: [
      HEADER,
      '{1},SELL,Plums,1.245,10.00,12.00',
      '{2},SELL,Plums,"0,350",10.00,12.00',
      '{3},SELL,Plums,2.0,10.00,12.00',
      '{4},SELL,Plums,1.2500,10.00,12.00',
      '{5},SELL,Plums,-0.001,-10.00,-12.00',
      '{6},SELL,Plums,"1,234.5",10.00,12.00',
    ],
    rows: [
      [2, 1, 'SELL', 'Plums', 1.245, '10.00', '12.00'],
      [3, 2, 'SELL', 'Plums', 0.35, '10.00', '12.00'],
      [4, 3, 'SELL', 'Plums', 2, '10.00', '12.00'],
      [5, 4, 'SELL', 'Plums', 1.25, '10.00', '12.00'],
      [6, 5, 'SELL', 'Plums', -0.001, '-10.00', '-12.00'],
      [7, 6, 'SELL', 'Plums', 1234.5, '10.00', '12.00'],
    ],
  },
  'weights-with-a-decimal-comma.csv': {
    situation: 'Weights with a decimal comma, which the amounts show.',
    lines: [SEMICOLONS, '{1};SELL;Plums;1,245;10,00;12,00', '{2};SELL;Nail;1.245;10,00;12,00'],
    rows: [
      [2, 1, 'SELL', 'Plums', 1.245, '10.00', '12.00'],
      [3, 2, 'SELL', 'Nail', 1245, '10.00', '12.00'],
    ],
    format: { delimiter: ';', decimalSeparator: ',' },
  },
  'weights-that-show-the-decimal-sign.csv': {
    situation: 'Whole amounts: the quantity `0,350` shows the decimal comma of `1,245`.',
    lines: [SEMICOLONS, '{1};SELL;Plums;1,245;10;12', '{2};SELL;Plums;0,350;10;12'],
    rows: [
      [2, 1, 'SELL', 'Plums', 1.245, '10.00', '12.00'],
      [3, 2, 'SELL', 'Plums', 0.35, '10.00', '12.00'],
    ],
    format: { delimiter: ';', decimalSeparator: ',' },
  },
  'tax-rate.csv': {
    situation:
      'A column `tax_rate`, with rates that the taxes have, one that they lack, one that the amounts contradict.',
    lines: [
      `${HEADER},Tax_Rate`,
      '{1},SELL,Tea,2,10.00,12.00,20',
      '{2},SELL,Tea,2,10.00,12.00,20.00 %',
      '{3},SELL,Tea,2,10.00,12.00,"20,0%"',
      '{4},SELL,Tea,2,10.00,12.00,',
      '{5},SELL,Tea,2,10.00,10.55,5.5',
      '{6},SELL,Tea,2,10.00,12.00,A',
      '{7},SELL,Tea,2,10.00,12.00,0.2',
      '{8},SELL,Tea,2,10.00,10.55,20',
    ],
    rows: [2, 3, 4, 5].map((line) => [line, line - 1, 'SELL', 'Tea', 2, '10.00', '12.00']),
    rejected: [
      [6, 'Tax_Rate', 'tax-rate-unknown'],
      [7, 'Tax_Rate', 'tax-rate-unknown'],
      [8, 'Tax_Rate', 'tax-rate-unknown'],
      [9, 'amount_inc_tax', 'tax-mismatch'],
    ],
  },
  'items.ndjson': {
    situation: 'Items of weighed goods and returns, with numbers, texts and a rate of tax.',
    lines: [
      `{"id":"{1}",${ITEM},"quantity":1.245,"amount_excl_tax":10,"amount_inc_tax":12}`,
      `{"id":"{2}",${ITEM},"quantity":-0.350,"amount_excl_tax":-10.00,"amount_inc_tax":"12.00-","tax_rate":20}`,
      `{"id":"{3}",${ITEM},"quantity":"1.245","amount_excl_tax":10,"amount_inc_tax":12}`,
      `{"id":"{4}",${ITEM},"quantity":1.2451,"amount_excl_tax":10,"amount_inc_tax":12}`,
      `{"id":"{5}",${ITEM},"quantity":1,"amount_excl_tax":10,"amount_inc_tax":12,"tax_rate":"7 %"}`,
    ],
    rows: [
      [1, 1, 'SELL', 'Plums', 1.245, '10.00', '12.00'],
      [2, 2, 'SELL', 'Plums', -0.35, '-10.00', '-12.00'],
    ],
    rejected: [
      [3, 'quantity', 'quantity-ambiguous'],
      [4, 'quantity', 'quantity-invalid'],
      [5, 'tax_rate', 'tax-rate-unknown'],
    ],
    format: { syntax: 'NDJSON' },
  },
};

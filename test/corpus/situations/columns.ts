import { HEADER, type Subject } from '../make/situation.ts';

const TEA = '{1},SELL,Tea,2,10.00,12.00';
const TEA_ROW = [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'] as const;

export const columns: Subject = {
  'others.csv': {
    situation: 'Columns that are not read, in front, between and behind.',
    lines: [
      'Till,id,category,description,"Cashier, first",quantity,amount_excl_tax,amount_inc_tax,note',
      '3,{1},SELL,Tea,Kim,2,10.00,12.00,"1,234 or\n12,5"',
      '3,{2},BUY,Kettle,Kim,1,24.90,29.88,',
    ],
    rows: [TEA_ROW, [4, 2, 'BUY', 'Kettle', 1, '24.90', '29.88']],
    format: { unknownColumns: ['Till', 'Cashier, first', 'note'] },
  },
  'without-a-title.csv': {
    situation: 'Columns without a title, which are not unknown.',
    lines: [`,${HEADER}, ,""`, `1,${TEA},x,y`],
    rows: [TEA_ROW],
  },
  'delimiter-behind.csv': {
    situation: 'A delimiter after the last title and the last value of each row.',
    lines: [`${HEADER},`, `${TEA},`, '{2},BUY,Kettle,1,24.90,29.88,'],
    rows: [TEA_ROW, [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88']],
  },
  'rejected-rows.csv': {
    situation: 'Rejected rows that were corrected, with what was said about them.',
    key: 'retail_15_03_2025.rejected-0a1b2c3d.csv',
    lines: [
      `reject_line,reject_column,reject_code,reject_message,${HEADER}`,
      `7,quantity,quantity-invalid,"The quantity ""none"" is not a number.",${TEA}`,
    ],
    rows: [TEA_ROW],
  },
};

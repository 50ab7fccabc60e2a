import { HEADER, type Subject } from '../make/situation.ts';

const DATED = `transaction_date,${HEADER}`;
const TEA = '{1},SELL,Tea,2,10.00,12.00';

export const dates: Subject = {
  'iso.csv': {
    situation: 'Dates as YYYY-MM-DD, which win over the day in the name.',
    lines: [DATED, '2024-02-29,{1},SELL,Tea,2,10.00,12.00', ' 2025-03-14 ,{2},BUY,Kettle,1,24.90,29.88'],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00', '2024-02-29'],
      [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88', '2025-03-14'],
    ],
    format: { dateFormat: 'YYYY-MM-DD' },
  },
  'slashes.csv': {
    situation: 'Dates as DD/MM/YYYY, day and month with one digit too.',
    key: 'sales.csv',
    lines: [
      DATED,
      '04/03/2025,{1},SELL,Tea,2,10.00,12.00',
      '25/03/2025,{2},SELL,Tea,2,10.00,12.00',
      '5/3/2025,{3},SELL,Tea,2,10.00,12.00',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00', '2025-03-04'],
      [3, 2, 'SELL', 'Tea', 2, '10.00', '12.00', '2025-03-25'],
      [4, 3, 'SELL', 'Tea', 2, '10.00', '12.00', '2025-03-05'],
    ],
    format: { dateFormat: 'DD/MM/YYYY' },
  },
  'points.csv': {
    situation: 'Dates as DD.MM.YYYY, day and month with one digit too; 03.25.2025 is none.',
    key: 'sales.csv',
    lines: [
      DATED,
      '04.03.2025,{1},SELL,Tea,2,10.00,12.00',
      '5.3.2025,{2},SELL,Tea,2,10.00,12.00',
      '03.25.2025,{3},SELL,Tea,2,10.00,12.00',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00', '2025-03-04'],
      [3, 2, 'SELL', 'Tea', 2, '10.00', '12.00', '2025-03-05'],
    ],
    rejected: [[4, 'transaction_date', 'date-invalid']],
    format: { dateFormat: 'DD.MM.YYYY' },
  },
  'mixed.csv': {
    situation: 'Dates in each of the three formats, each read separately.',
    lines: [
      DATED,
      '2025-03-04,{1},SELL,Tea,2,10.00,12.00',
      '2025-03-05,{2},SELL,Tea,2,10.00,12.00',
      '06/03/2025,{3},SELL,Tea,2,10.00,12.00',
      '07.03.2025,{4},SELL,Tea,2,10.00,12.00',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00', '2025-03-04'],
      [3, 2, 'SELL', 'Tea', 2, '10.00', '12.00', '2025-03-05'],
      [4, 3, 'SELL', 'Tea', 2, '10.00', '12.00', '2025-03-06'],
      [5, 4, 'SELL', 'Tea', 2, '10.00', '12.00', '2025-03-07'],
    ],
    format: { dateFormat: 'YYYY-MM-DD' },
  },
  'month-first.csv': {
    situation:
      'A date that can only be month first, so that 04/03/2025 has two readings, and 05/05/2025 one.',
    lines: [
      DATED,
      '04/03/2025,{1},SELL,Tea,2,10.00,12.00',
      '03/25/2025,{2},SELL,Tea,2,10.00,12.00',
      '05/05/2025,{3},SELL,Tea,2,10.00,12.00',
      '26/03/2025,{4},SELL,Tea,2,10.00,12.00',
      '2025-03-04,{5},SELL,Tea,2,10.00,12.00',
    ],
    rows: [
      [4, 3, 'SELL', 'Tea', 2, '10.00', '12.00', '2025-05-05'],
      [5, 4, 'SELL', 'Tea', 2, '10.00', '12.00', '2025-03-26'],
      [6, 5, 'SELL', 'Tea', 2, '10.00', '12.00', '2025-03-04'],
    ],
    rejected: [
      [2, 'transaction_date', 'date-ambiguous'],
      [3, 'transaction_date', 'date-invalid'],
    ],
    format: { dateFormat: 'DD/MM/YYYY' },
  },
  'more-formats.csv': {
    situation: 'Dates with the year first, with a time, or with the English name of the month.',
    key: 'sales.csv',
    lines: [
      DATED,
      '2025/03/15,{1},SELL,Tea,2,10.00,12.00',
      '20250315,{2},SELL,Tea,2,10.00,12.00',
      '2025-03-15 18:00,{3},SELL,Tea,2,10.00,12.00',
      '2025-03-15T23:59:59.5+01:00,{4},SELL,Tea,2,10.00,12.00',
      '15-03-2025,{5},SELL,Tea,2,10.00,12.00',
      '15.03.2025 08:30:00,{6},SELL,Tea,2,10.00,12.00',
      '15 Mar 2025,{7},SELL,Tea,2,10.00,12.00',
      '"March 15, 2025 6:30 PM",{8},SELL,Tea,2,10.00,12.00',
      '2025-03-15T08:30:00Z,{9},SELL,Tea,2,10.00,12.00',
    ],
    rows: [1, 2, 3, 4, 5, 6, 7, 8].map((number) => [
      number + 1,
      number,
      'SELL',
      'Tea',
      2,
      '10.00',
      '12.00',
      '2025-03-15',
    ]),
    rejected: [[10, 'transaction_date', 'date-ambiguous']],
    format: { dateFormat: 'YYYY/MM/DD' },
  },
  'month-first-by-setting.csv': {
    situation: 'Dates with the month first in a store whose setting says so.',
    key: 'sales.csv',
    rules: { dateOrder: 'mdy' },
    lines: [DATED, '04/03/2025,{1},SELL,Tea,2,10.00,12.00', '03/25/2025,{2},SELL,Tea,2,10.00,12.00'],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00', '2025-04-03'],
      [3, 2, 'SELL', 'Tea', 2, '10.00', '12.00', '2025-03-25'],
    ],
    format: { dateFormat: 'MM/DD/YYYY' },
  },
  'no-days.csv': {
    situation:
      'Dates that are none: no day of the calendar, two digits for the year, two separators, another language, a number, empty.',
    lines: [
      DATED,
      '2025-02-29,{1},SELL,Tea,2,10.00,12.00',
      '31/04/2025,{2},SELL,Tea,2,10.00,12.00',
      '00.01.2025,{3},SELL,Tea,2,10.00,12.00',
      '15/03/25,{4},SELL,Tea,2,10.00,12.00',
      '15/03.2025,{5},SELL,Tea,2,10.00,12.00',
      '15 März 2025,{6},SELL,Tea,2,10.00,12.00',
      '45731,{7},SELL,Tea,2,10.00,12.00',
      ',{8},SELL,Tea,2,10.00,12.00',
    ],
    rejected: [
      [2, 'transaction_date', 'date-invalid'],
      [3, 'transaction_date', 'date-invalid'],
      [4, 'transaction_date', 'date-invalid'],
      [5, 'transaction_date', 'date-invalid'],
      [6, 'transaction_date', 'date-invalid'],
      [7, 'transaction_date', 'date-invalid'],
      [8, 'transaction_date', 'date-invalid'],
      [9, 'transaction_date', 'date-missing'],
    ],
  },
  'day-in-the-name.csv': {
    situation: 'A day in the name in front of other words, in another case.',
    key: 'Retail_29_02_2024 shop 12 (copy).CSV',
    lines: [HEADER, TEA],
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00', '2024-02-29']],
  },
  'no-day-in-the-name.csv': {
    situation: 'A name that says no day, and no column that does.',
    key: 'sales.csv',
    lines: [HEADER, TEA],
    failure: 'date-unknown',
    format: { encoding: 'UTF-8', lineTerminator: 'LF', delimiter: ',', quote: '"', headerLine: 1 },
  },
  'impossible-day-in-the-name.csv': {
    situation: 'A name that says a day that does not exist.',
    key: 'retail_30_02_2025.csv',
    lines: [HEADER, TEA],
    failure: 'date-unknown',
    format: { encoding: 'UTF-8', lineTerminator: 'LF', delimiter: ',', quote: '"', headerLine: 1 },
  },
};

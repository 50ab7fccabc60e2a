import { HEADER, type Subject } from '../make/situation.ts';

const KETTLE = '{2},BUY,Kettle,1,24.90,29.88';

/** Names that are stored as they stand. */
const named = (situation: string, ...names: readonly string[]) => ({
  situation,
  lines: [HEADER, ...names.map((name, index) => `{${index + 1}},SELL,${name},2,10.00,12.00`)],
  rows: names.map((name, index) => [index + 2, index + 1, 'SELL', name, 2, '10.00', '12.00'] as const),
});

export const awkwardRows: Subject = {
  'too-few-values.csv': {
    situation: 'A row with too few values.',
    lines: [HEADER, '{1},SELL,Tea,2,10.00', KETTLE],
    rows: [[3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88']],
    rejected: [[2, '', 'too-few-columns']],
  },
  'too-many-values.csv': {
    situation: 'A row with more values than the header has columns.',
    lines: [HEADER, '{1},SELL,Tea, green,2,10.00,12.00', KETTLE],
    rows: [[3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88']],
    rejected: [[2, '', 'too-many-columns']],
  },
  'blank-values-behind.csv': {
    situation: 'Rows with more values than the header has columns, all blank.',
    lines: [HEADER, '{1},SELL,Tea,2,10.00,12.00,, ,""', `${KETTLE},`],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
  },
  'ids.csv': {
    situation: 'Ids in upper case, empty, without hyphens, in braces.',
    lines: [
      HEADER,
      '{1^},SELL,Tea,2,10.00,12.00',
      ',SELL,Tea,2,10.00,12.00',
      '0284f92e54f74766880d2cc5a8993a89,SELL,Tea,2,10.00,12.00',
      '{{2}},SELL,Tea,2,10.00,12.00',
    ],
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    rejected: [
      [3, 'id', 'id-missing'],
      [4, 'id', 'id-not-uuid'],
      [5, 'id', 'id-not-uuid'],
    ],
  },
  'categories.csv': {
    situation: 'Categories that are neither SELL nor BUY.',
    lines: [HEADER, '{1},sell,Tea,2,10.00,12.00', '{2},,Tea,2,10.00,12.00', '{3},RETURN,Tea,2,10.00,12.00'],
    rejected: [
      [2, 'category', 'category-unknown'],
      [3, 'category', 'category-unknown'],
      [4, 'category', 'category-unknown'],
    ],
  },
  'name-missing.csv': {
    situation: 'An empty name.',
    lines: [HEADER, '{1},SELL, ,2,10.00,12.00', KETTLE],
    rows: [[3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88']],
    rejected: [[2, 'description', 'name-missing']],
  },
  'name-with-nul.csv': {
    situation: 'A NUL in a name.',
    lines: [HEADER, '{1},SELL,Te\0a,2,10.00,12.00', KETTLE],
    rows: [[3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88']],
    rejected: [[2, 'description', 'name-invalid']],
  },
  'name-with-control-characters.csv': named(
    'Control characters in names.',
    'Tea\u0007 with a bell',
    'Tea \u001b[31mred\u001b[0m',
    'Tea\u007f\u0080\u009f',
    'Tea\u200b\u00ad\ufeff loose',
  ),
  'name-right-to-left.csv': named(
    'Names in Arabic and Hebrew, with marks of direction.',
    'شاي أخضر ٥٠٠ غ',
    'תה ירוק (500 ג)',
    '\u202eaet\u202c \u2067שלום\u2069',
  ),
  'name-with-emoji.csv': named(
    'Names with emoji of many code points, and with combining marks.',
    '👩‍👩‍👧‍👦 Family pack 🇩🇪',
    'Cafe\u0301 cre\u0300me',
    '𝔗𝔢𝔞',
  ),
  'name-with-syntax.csv': named(
    'Names that mean something to other programs.',
    '=1+2',
    '@SUM(A1:A2)',
    'NULL',
    '\\N',
    '{a}',
    'back\\slash',
    "'; DROP TABLE transactions; --",
    '<b>Tea</b> &amp;',
    '%s $1 {{name}}',
  ),
  'name-of-10000-characters.csv': named('A name of 10,000 characters.', 'Tea '.repeat(2_500).trim()),
  'hundred-line-ends.csv': {
    situation: 'A name with 100 line ends.',
    lines: [HEADER, `{1},SELL,"Tea${'\n'.repeat(100)}green",2,10.00,12.00`, KETTLE],
    rows: [
      [2, 1, 'SELL', `Tea${'\n'.repeat(100)}green`, 2, '10.00', '12.00'],
      [103, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
  },
  'more-line-ends.csv': {
    situation: 'A name with 101 line ends, more than a record may have: each line is read separately.',
    lines: [HEADER, `{1},SELL,"Tea${'\n'.repeat(101)}",2,10.00,12.00`, KETTLE],
    rows: [[104, 2, 'BUY', 'Kettle', 1, '24.90', '29.88']],
    rejected: [
      [2, '', 'quotes-malformed'],
      [103, '', 'quotes-malformed'],
    ],
  },
  'too-long.csv': {
    situation: 'A row of more than 65,536 characters.',
    lines: [HEADER, `{1},SELL,${'x'.repeat(65_536)},2,10.00,12.00`, KETTLE],
    rows: [[3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88']],
    rejected: [[2, '', 'row-too-long']],
  },
  'tax.csv': {
    situation: 'Amounts including tax that are right to the cent, and others by a cent more or less.',
    lines: [
      HEADER,
      '{1},SELL,Tea,2,269.97,323.96',
      '{2},SELL,Tea,2,269.97,323.97',
      '{3},SELL,Tea,2,0.03,0.04',
      '{4},SELL,Tea,2,0.03,0.03',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '269.97', '323.96'],
      [4, 3, 'SELL', 'Tea', 2, '0.03', '0.04'],
    ],
    rejected: [
      [3, 'amount_inc_tax', 'tax-mismatch'],
      [5, 'amount_inc_tax', 'tax-mismatch'],
    ],
  },
  'everything-wrong.csv': {
    situation: 'A row in which every value is wrong: the first problem gives the code.',
    lines: [HEADER, 'x,y,,z,-1,ten', KETTLE],
    rows: [[3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88']],
    rejected: [[2, 'id', 'id-not-uuid']],
  },
  'same-row-twice.csv': {
    situation: 'The same row twice, and then with another name.',
    lines: [HEADER, '{1},SELL,Tea,2,10.00,12.00', '{1},SELL,Tea,2,10.0,12', '{1},SELL,Coffee,2,10.00,12.00'],
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    duplicates: 1,
    conflicts: 1,
  },
};

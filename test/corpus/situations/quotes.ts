import { HEADER, type Subject } from '../make/situation.ts';

export const quotes: Subject = {
  'every-value.csv': {
    situation: 'Quotes around every value, numbers and titles included.',
    lines: [
      HEADER.replace(/\w+/g, '"$&"'),
      '"{1}","SELL","Tea","2","10.00","12.00"',
      '"{2}","BUY","Kettle","1","24.90","29.88"',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
  },
  'doubled.csv': {
    situation: 'Doubled quotes within quotes, which stand for one.',
    lines: [HEADER, '{1},SELL,"Tea ""green""",2,10.00,12.00', '{2},BUY,"""",1,24.90,29.88'],
    rows: [
      [2, 1, 'SELL', 'Tea "green"', 2, '10.00', '12.00'],
      [3, 2, 'BUY', '"', 1, '24.90', '29.88'],
    ],
  },
  'line-ends-within.csv': {
    situation: 'Names with line ends, delimiters and quotes, and the lines on which the next rows start.',
    lines: [
      HEADER,
      '{1},SELL,"Tea\n\n""green"", loose",2,10.00,12.00',
      '{2},BUY,Kettle,1,24.90,29.88',
      '{3},BUY,"Pan\n",1,0.00,6.00',
      '{4},BUY,Pot,1,5.00,6.00',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea\n\n"green", loose', 2, '10.00', '12.00'],
      [5, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
      [8, 4, 'BUY', 'Pot', 1, '5.00', '6.00'],
    ],
    rejected: [[6, 'amount_inc_tax', 'tax-mismatch']],
  },
  'closed-in-a-later-row.csv': {
    situation:
      'A quote that is never closed, and a later one that would close it: the row between is not lost.',
    lines: [
      `${HEADER},note`,
      '{1},SELL,Tea,2,10.00,12.00,"fresh',
      '{2},BUY,Kettle,1,24.90,29.88,',
      '{3},BUY,Pot,1,5.00,6.00,"',
      '{4},BUY,Pan,1,5.00,6.00,',
    ],
    rows: [
      [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
      [5, 4, 'BUY', 'Pan', 1, '5.00', '6.00'],
    ],
    rejected: [
      [2, '', 'quotes-malformed'],
      [4, '', 'quotes-malformed'],
    ],
    format: { unknownColumns: ['note'] },
  },
  'within-a-value.csv': {
    situation: 'Quotes in the middle of a value, which are a part of it.',
    lines: [HEADER, '{1},SELL,Pan 24",1,10.00,12.00', '{2},SELL,The "best" tea,1,10.00,12.00'],
    rows: [
      [2, 1, 'SELL', 'Pan 24"', 1, '10.00', '12.00'],
      [3, 2, 'SELL', 'The "best" tea', 1, '10.00', '12.00'],
    ],
  },
  'blanks-behind.csv': {
    situation: 'Blanks between a closing quote and the delimiter.',
    lines: [HEADER, '{1},SELL,"Tea, green" ,2,10.00,"12.00" ', '{2},BUY,Kettle,1,24.90,29.88'],
    rows: [
      [2, 1, 'SELL', 'Tea, green', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
  },
  'nothing-within.csv': {
    situation: 'Quotes with nothing in them, which are an empty value.',
    lines: [HEADER, '{1},SELL,"",2,10.00,12.00', '{2},BUY,Kettle,1,24.90,29.88'],
    rows: [[3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88']],
    rejected: [[2, 'description', 'name-missing']],
  },
  'never-closed.csv': {
    situation: 'A quote that is never closed, which costs its own line only.',
    lines: [
      HEADER,
      '{1},SELL,Tea,2,10.00,12.00',
      '{2},SELL,"Kettle,1,24.90,29.88',
      '{3},BUY,Pan,1,5.00,6.00',
      '{4},BUY,Pot,1,5.00,6.00',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', 2, '10.00', '12.00'],
      [4, 3, 'BUY', 'Pan', 1, '5.00', '6.00'],
      [5, 4, 'BUY', 'Pot', 1, '5.00', '6.00'],
    ],
    rejected: [[3, '', 'quotes-malformed']],
  },
  'never-closed-among-others.csv': {
    situation: 'A quote that is never closed, and quotes that are in the lines below it.',
    lines: [
      HEADER,
      '{1},SELL,"Kettle, steel,1,24.90,29.88',
      '{2},BUY,"Pan, large",1,5.00,6.00',
      '{3},BUY,"Pot, small",1,5.00,6.00',
    ],
    rows: [
      [3, 2, 'BUY', 'Pan, large', 1, '5.00', '6.00'],
      [4, 3, 'BUY', 'Pot, small', 1, '5.00', '6.00'],
    ],
    rejected: [[2, '', 'quotes-malformed']],
  },
  'text-behind.csv': {
    situation: 'Text between a closing quote and the delimiter.',
    lines: [HEADER, '{1},SELL,"Tea" green,2,10.00,12.00', '{2},BUY,"Kettle",1,24.90,29.88'],
    rows: [[3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88']],
    rejected: [[2, '', 'quotes-malformed']],
  },
  'single.csv': {
    situation: 'Single quotes around titles and values.',
    lines: [
      HEADER.replace(/\w+/g, "'$&'"),
      "'{1}','SELL','Tea, green','2','10.00','12.00'",
      "'{2}','BUY','Baker''s\nChoice','1','24.90','29.88'",
      "'{3}','BUY',Pan 24\",'1','5.00','6.00'",
    ],
    rows: [
      [2, 1, 'SELL', 'Tea, green', 2, '10.00', '12.00'],
      [3, 2, 'BUY', "Baker's\nChoice", 1, '24.90', '29.88'],
      [5, 3, 'BUY', 'Pan 24"', 1, '5.00', '6.00'],
    ],
    format: { quote: "'" },
  },
  'single-in-the-rows-only.csv': {
    situation: 'Single quotes around the values of rows, and none around titles.',
    lines: [HEADER, "'{1}','SELL','Tea, green',2,10.00,12.00", "'{2}','BUY','Kettle',1,24.90,29.88"],
    rows: [
      [2, 1, 'SELL', 'Tea, green', 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
    format: { quote: "'" },
  },
  'single-never-closed.csv': {
    situation: 'A single quote that is never closed, where single quotes are the quotes.',
    lines: [
      HEADER,
      "'{1}','SELL','Tea, green',2,10.00,12.00",
      "'{2}','BUY','Kettle,1,24.90,29.88",
      "'{3}','BUY','Pan',1,5.00,6.00",
    ],
    rows: [
      [2, 1, 'SELL', 'Tea, green', 2, '10.00', '12.00'],
      [4, 3, 'BUY', 'Pan', 1, '5.00', '6.00'],
    ],
    rejected: [[3, '', 'quotes-malformed']],
    format: { quote: "'" },
  },
  'single-where-needed.csv': {
    situation:
      'Single quotes only around the values that need them: a delimiter, or an apostrophe that is doubled.',
    lines: [
      HEADER,
      "{1},SELL,'Tea, green',2,10.00,12.00",
      "{2},BUY,'Levi''s Jeans',1,24.90,29.88",
      "{3},BUY,'Pan',1,5.00,6.00",
      '{4},BUY,Pot,1,5.00,6.00',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea, green', 2, '10.00', '12.00'],
      [3, 2, 'BUY', "Levi's Jeans", 1, '24.90', '29.88'],
      [4, 3, 'BUY', 'Pan', 1, '5.00', '6.00'],
      [5, 4, 'BUY', 'Pot', 1, '5.00', '6.00'],
    ],
    format: { quote: "'" },
  },
  'single-over-lines.csv': {
    situation:
      'Single quotes around a last value that spans lines, which has the right number of values without them too.',
    lines: [
      'id,category,quantity,amount_excl_tax,amount_inc_tax,description',
      "{1},SELL,2,10.00,12.00,'Green",
      "tea'",
      '{2},BUY,1,24.90,29.88,Kettle',
    ],
    rows: [
      [2, 1, 'SELL', 'Green\ntea', 2, '10.00', '12.00'],
      [4, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
    ],
    format: { quote: "'" },
  },
  'single-undecided.csv': {
    situation: 'Single quotes around a name, which no row explains.',
    lines: [HEADER, "{1},SELL,'Pan',2,10.00,12.00", "{2},SELL,Baker's Choice,2,10.00,12.00"],
    rows: [[3, 2, 'SELL', "Baker's Choice", 2, '10.00', '12.00']],
    rejected: [[2, 'description', 'quotes-ambiguous']],
  },
  'single-contradicting.csv': {
    situation: 'Single quotes that are quotes in one row, and part of the value in another.',
    lines: [HEADER, "{1},SELL,'Levi''s Jeans',2,10.00,12.00", "{2},SELL,'Best' Kettle,1,24.90,29.88"],
    rows: [[3, 2, 'SELL', "'Best' Kettle", 1, '24.90', '29.88']],
    rejected: [[2, 'description', 'quotes-ambiguous']],
  },
  'apostrophes-beside-quotes.csv': {
    situation: 'Apostrophes around a name in a file with double quotes, which are a part of it.',
    lines: [HEADER, "{1},SELL,'Pan',2,10.00,12.00", '{2},BUY,"Kettle, steel",1,24.90,29.88'],
    rows: [
      [2, 1, 'SELL', "'Pan'", 2, '10.00', '12.00'],
      [3, 2, 'BUY', 'Kettle, steel', 1, '24.90', '29.88'],
    ],
  },
  'apostrophes.csv': {
    situation: 'Apostrophes in names, which are no quotes.',
    lines: [
      HEADER,
      "{1},SELL,Baker's Choice,2,10.00,12.00",
      "{2},BUY,'Best' Kettle,1,24.90,29.88",
      "{3},BUY,'Pan',1,5.00,6.00",
    ],
    rows: [
      [2, 1, 'SELL', "Baker's Choice", 2, '10.00', '12.00'],
      [3, 2, 'BUY', "'Best' Kettle", 1, '24.90', '29.88'],
      [4, 3, 'BUY', "'Pan'", 1, '5.00', '6.00'],
    ],
  },
};

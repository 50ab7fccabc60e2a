import { createHash } from 'node:crypto';
import type { Profile } from '../../../lambdas/core/profile.ts';
import { HEADER, type Subject } from '../make/situation.ts';

/** The till of a German shop: a decimal comma, numbers for receipts, and words for the kind of a sale. */
const GERMAN: Profile = {
  name: 'german-till',
  titles: { description: ['Artikel'], category: ['Vorgang'], transaction_date: ['Bondatum'] },
  values: { category: { Verkauf: 'SELL', Einkauf: 'BUY' } },
  id: { from: ['Filiale', 'Bon', 'Position'] },
  dateFormats: ['DD.MM.YY'],
  decimalSeparator: ',',
  currency: 'EUR',
};
const GERMAN_HEADER = 'Filiale;Bon;Position;Bondatum;Vorgang;Artikel;Menge;Netto;Brutto';

/** The till of a French shop: only sales, the day in the name of the file. */
const FRENCH: Profile = {
  name: 'french-till',
  constants: { category: 'SELL' },
  id: { from: ['transaction_date', 'N° ticket', 'Ligne'] },
  fileDay: String.raw`^ventes-(?<day>\d\d)(?<month>\d\d)(?<year>\d{4})`,
};
const FRENCH_HEADER = 'N° ticket;Ligne;Libellé;Qté;Montant HT (€);Montant TTC (€)';

/** Square in a shop of the United States. */
const SQUARE: Profile = {
  name: 'square',
  titles: { category: ['Event Type'], amount_excl_tax: ['Net Sales'] },
  values: { category: { Payment: 'SELL', Refund: 'SELL return' } },
  sums: { amount_inc_tax: ['Net Sales', 'Tax'] },
  id: { from: ['Transaction ID', 'Item'] },
  dateOrder: 'mdy',
};

/** A till that writes amounts with tax, and the rate. */
const GROSS: Profile = {
  name: 'gross-till',
  titles: { amount_inc_tax: ['Brutto'], tax_rate: ['MwSt %'] },
  constants: { category: 'SELL' },
  derive: 'amount_excl_tax',
  id: { from: ['Bon', 'Position'] },
};

/** Computes the id of a row of the store `main`: the SHA-256 of its parts as a UUID of version 8. */
function computedId(...parts: string[]): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(['main', ...parts]))
    .digest('hex');
  const variant = ((Number.parseInt(hash[16]!, 16) & 0x3) | 0x8).toString(16);
  const [first, second, third] = [hash.slice(0, 8), hash.slice(8, 12), hash.slice(13, 16)];
  return `${first}-${second}-8${third}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

const format = { delimiter: ';', decimalSeparator: ',' } as const;

export const profiles: Subject = {
  'german-till.csv': {
    situation: 'A till with German titles and words, and ids made of its branch, receipt and line.',
    rules: { profile: GERMAN },
    lines: [
      'Umsatzjournal Filiale 7',
      GERMAN_HEADER,
      '7;1001;1;14.03.25;Verkauf;Brot;2;10,00;12,00',
      '7;1001;2;14.03.25;VERKAUF;Milch;1;1.000,00;1.200,00 EUR',
      '7;1002;1;14.03.25;Einkauf;Mehl;1;24,90;29,88',
      '7;;1;14.03.25;Verkauf;Eier;1;5,00;6,00',
      '7;1003;1;14.03.2025;Verkauf;Eier;1;5,00;6,00',
      '7;1003;2;14.03.25;Gutschein;Eier;1;5,00;6,00',
      '7;1001;1;14.03.25;Verkauf;Brot;2;10,00;12,00',
      '7;1001;1;14.03.25;Verkauf;Brot;3;10,00;12,00',
      'Total Care;1004;;14.03.25;Verkauf;Seife;1;5,00;6,00',
      'Summe;;;;;;;1.049,90;1.259,88',
    ],
    rows: [
      [3, computedId('7', '1001', '1'), 'SELL', 'Brot', 2, '10.00', '12.00', '2025-03-14'],
      [4, computedId('7', '1001', '2'), 'SELL', 'Milch', 1, '1000.00', '1200.00', '2025-03-14'],
      [5, computedId('7', '1002', '1'), 'BUY', 'Mehl', 1, '24.90', '29.88', '2025-03-14'],
    ],
    rejected: [
      [6, 'Bon', 'id-part-missing'],
      [7, 'Bondatum', 'date-invalid'],
      [8, 'Vorgang', 'category-unknown'],
      [11, 'Position', 'id-part-missing'],
    ],
    duplicates: 1,
    conflicts: 1,
    format: {
      ...format,
      headerLine: 2,
      profile: 'german-till',
      dateFormat: 'DD.MM.YY',
      currency: 'EUR',
      skippedLines: { headers: 0, totals: 1 },
    },
  },
  'french-till.csv': {
    situation: 'A till with French titles, sales only, and the day in another form of file name.',
    key: 'ventes-14032025.csv',
    rules: { profile: FRENCH },
    lines: [FRENCH_HEADER, '88;1;Thé vert;2;10,00;12,00', '88;2;Crème;1;24,90;29,88'],
    rows: [
      [2, computedId('2025-03-14', '88', '1'), 'SELL', 'Thé vert', 2, '10.00', '12.00', '2025-03-14'],
      [3, computedId('2025-03-14', '88', '2'), 'SELL', 'Crème', 1, '24.90', '29.88', '2025-03-14'],
    ],
    format: { ...format, profile: 'french-till' },
  },
  'gross-till.csv': {
    situation: 'A till that writes no amounts without tax: they are computed from the others and the rate.',
    rules: {
      profile: GROSS,
      taxes: [
        { name: 'MwSt', percent: '19' },
        { name: 'MwSt ermäßigt', percent: '7' },
      ],
    },
    lines: [
      'Bon;Position;Artikel;Menge;MwSt %;Brutto',
      '1001;1;Brot;2;7;5,00',
      '1001;2;Tüte;1;19;0,03',
      '1001;3;Brot;-1;7;-2,50',
      '1001;4;Salz;1;20;1,20',
      '1001;5;Salz;1;;1,20',
    ],
    rows: [
      [2, computedId('1001', '1'), 'SELL', 'Brot', 2, '4.67', '5.00'],
      [3, computedId('1001', '2'), 'SELL', 'Tüte', 1, '0.03', '0.03'],
      [4, computedId('1001', '3'), 'SELL', 'Brot', -1, '-2.34', '-2.50'],
    ],
    rejected: [
      [5, 'MwSt %', 'tax-rate-unknown'],
      [6, 'Brutto', 'tax-rate-unknown'],
    ],
    format: { ...format, profile: 'gross-till' },
  },
  'square.csv': {
    situation:
      'The item details of Square: dates with the month first, and an amount that is the sum of two columns.',
    key: 'items-2025-03-14-2025-03-15.csv',
    rules: { profile: SQUARE },
    lines: [
      'Date,Time,Time Zone,Category,Item,Qty,Gross Sales,Discounts,Net Sales,Tax,Transaction ID,Event Type',
      '03/04/2025,10:15:00,Eastern Time (US & Canada),Bakery,Bagel,2,$12.00,-$2.00,$10.00,$2.00,dZ4x,Payment',
      '03/04/2025,10:15:00,Eastern Time (US & Canada),Bakery,Bread,1,$5.00,$0.00,$5.00,$1.01,dZ4x,Payment',
      '03/04/2025,10:20:00,Eastern Time (US & Canada),Bakery,Bagel,1,$5.00,$0.00,$5.00,$1.00,dZ5x,Refund',
    ],
    rows: [
      [2, computedId('dZ4x', 'Bagel'), 'SELL', 'Bagel', 2, '10.00', '12.00', '2025-03-04'],
      [4, computedId('dZ5x', 'Bagel'), 'SELL', 'Bagel', -1, '-5.00', '-6.00', '2025-03-04'],
    ],
    rejected: [[3, 'Net Sales + Tax', 'tax-mismatch']],
    format: {
      profile: 'square',
      dateFormat: 'MM/DD/YYYY',
      currency: '$',
      unknownColumns: ['Time', 'Time Zone', 'Category', 'Gross Sales', 'Discounts'],
    },
  },
  'plain-file.csv': {
    situation: 'A plain file in a store whose profile has another decimal sign: `1.000` has two readings.',
    rules: { profile: GERMAN },
    lines: [HEADER, '{1},SELL,Tea,2,10.00,12.00', '{2},SELL,Tea,2,1.000,1.200'],
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
    rejected: [[3, 'amount_excl_tax', 'amount-ambiguous']],
    format: { profile: 'german-till', decimalSeparator: undefined, currency: 'EUR' },
  },
  'titles-in-other-languages.csv': {
    situation: 'Titles in Polish, which need no profile.',
    lines: [
      'Identyfikator,Kategoria,Nazwa towaru,Ilość,Wartość netto,Wartość brutto',
      '{1},SELL,Tea,2,10.00,12.00',
    ],
    rows: [[2, 1, 'SELL', 'Tea', 2, '10.00', '12.00']],
  },
  'two-titles-for-one-column.csv': {
    situation: 'Two titles in another language for one column, and no profile that names the right one.',
    lines: ['id,category,Artikel,Bezeichnung,Menge,Netto,Brutto', '{1},SELL,17,Tea,2,10.00,12.00'],
    failure: 'column-duplicated',
    format: { encoding: 'UTF-8', lineTerminator: 'LF' },
  },
  'row-above-the-header.csv': {
    situation: 'A row without a UUID above the header, which is not to be lost.',
    rules: { profile: FRENCH },
    key: 'ventes-14032025.csv',
    lines: ['88;1;Thé vert;2;10,00;12,00', FRENCH_HEADER, '88;2;Crème;1;24,90;29,88'],
    failure: 'column-missing',
    format: { encoding: 'UTF-8' },
  },
  'quote-never-closed.csv': {
    situation: 'A quote that is never closed, where no UUID shows that a value has other rows in it.',
    rules: { profile: FRENCH },
    key: 'ventes-14032025.csv',
    lines: [
      FRENCH_HEADER,
      '89;1;"Thé vert;2;10,00;12,00',
      '89;2;Crème;1;24,90;29,88',
      '89;3;Pain";1;5,00;6,00',
      '89;4;Lait;1;5,00;6,00',
    ],
    rows: [
      [3, computedId('2025-03-14', '89', '2'), 'SELL', 'Crème', 1, '24.90', '29.88', '2025-03-14'],
      [4, computedId('2025-03-14', '89', '3'), 'SELL', 'Pain"', 1, '5.00', '6.00', '2025-03-14'],
      [5, computedId('2025-03-14', '89', '4'), 'SELL', 'Lait', 1, '5.00', '6.00', '2025-03-14'],
    ],
    rejected: [[2, '', 'quotes-malformed']],
    format: { ...format, profile: 'french-till' },
  },
};

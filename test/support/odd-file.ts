import { gzipSync } from 'node:zlib';
import { COLUMNS, type Field, INDEX } from '../../lambdas/core/columns.ts';
import type { Profile } from '../../lambdas/core/profile.ts';
import { computeRowId } from '../../lambdas/core/rows/computed-id.ts';
import { DEFAULT_RULES, type Rules, type TaxRate } from '../../lambdas/core/rules.ts';
import { Choices } from '../../tools/chaos/choices.ts';
import { makeZip } from '../../tools/make-zip.ts';
import type { ExpectedRow } from '../corpus/make/corpus.ts';

/** A file with several oddities at once, and the truth about its rows. */
export interface OddFile {
  /** Key of the object. */
  readonly key: string;
  readonly bytes: Buffer;
  /** Rules of the store that wrote the file. */
  readonly rules: Rules;
  /** The whole text, for messages. */
  readonly text: string;
  /** Oddities of the file. */
  readonly style: object;
  readonly rows: readonly ExpectedRow[];
  /** Lines of the rows that break a rule. */
  readonly rejectedLines: readonly number[];
}

const DAY = '2025-03-15';
const MAX_ROWS = 40;
const PLAIN_NAMES = [
  'Soap',
  'NULL',
  'Total Care',
  'Tea {green}',
  '1,5 l Water',
  "Levi's Jeans",
  'a;b|c',
  '5" Pan',
];
const LATIN_NAMES = ['Crème fraîche', 'Käse, jung', 'Smörgås 250 g', 'Jalapeño "hot"'];
const WIDE_NAMES = ['Tee 🍵', '寿司', 'Żurek\\barszcz'];

const STORE = 'main';
/** A till without UUIDs: two columns identify a row, written as `receipt/line`. */
const PROFILE: Profile = {
  name: 'till',
  titles: { category: ['Vorgang'], description: ['Ware'], amount_excl_tax: ['Wert o. St.'] },
  values: { category: { Verkauf: 'SELL', Einkauf: 'BUY', Retoure: 'SELL return' } },
  id: { from: ['Bon', 'Zeile'] },
};
/** The standard rate changes within the year. */
const CHANGE_DAY = '2025-07-01';
const TAXES: readonly TaxRate[] = [
  { name: 'standard', percent: '20' },
  { name: 'standard', percent: '19', from: CHANGE_DAY },
  { name: 'food', percent: '5.5' },
  { name: 'books', percent: '10' },
];
const PROFILE_TITLES: Readonly<Partial<Record<Field, string>>> = {
  id: 'Bon/Zeile',
  transactionDate: 'Datum',
  category: 'Vorgang',
  name: 'Ware',
  quantity: 'Menge',
  amountExclTax: 'Wert o. St.',
  amountIncTax: 'Brutto',
};

const FIELDS: readonly Field[] = COLUMNS.map(({ field }) => field);

function shuffle<Item>(choices: Choices, items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: choices.below(1_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

const chooseStyle = (choices: Choices) => {
  const encoding = choices.oneOf(['utf8', 'utf8', 'utf8-bom', 'utf16le', 'utf16be', 'windows-1252'] as const);
  const delimiter = choices.oneOf([',', ';', '\t', '|']);
  const decimalSeparator = choices.oneOf(['.', ',']);
  return {
    encoding,
    packing: choices.oneOf(['plain', 'plain', 'gzip', 'zip'] as const),
    delimiter,
    quotes: choices.oneOf(['"', '"', '" everywhere', "'", "' everywhere"] as const),
    terminator: choices.oneOf(['\n', '\n', '\r\n', '\r']),
    isOpen: choices.chance(30),
    decimalSeparator,
    grouping: choices.oneOf(['', '', decimalSeparator === '.' ? ',' : '.', ' ', '\u00a0', "'"]),
    currency: choices.oneOf([undefined, undefined, '€ #', '#€', '# EUR', 'kr. #']),
    date: choices.oneOf(['file name', 'YYYY-MM-DD', 'DD/MM/YYYY', 'D/M/YYYY', 'DD.MM.YYYY'] as const),
    preamble: choices.oneOf([[], [], ['Sales of the day'], [`sep=${delimiter}`], ['', 'Store: "Oslo', '']]),
    hasTotals: choices.chance(30),
    hasRepeatedHeaders: choices.chance(20),
    hasBlankLines: choices.chance(30),
    extraTitles: choices.oneOf([[], [], ['note'], ['till', '']]),
    titleCase: choices.oneOf(['lower', 'upper', 'padded'] as const),
    /** Negative numbers; `#` is the number without its sign. */
    negative: choices.oneOf(['-#', '-#', '#-', '(#)', ...(encoding === 'windows-1252' ? [] : ['\u2212#'])]),
    hasTaxRates: choices.chance(30),
    hasProfile: choices.chance(25),
    /** Order of day and month in the dates of a file with a profile. */
    dateOrder: choices.oneOf(['dmy', 'mdy'] as const),
    order: choices.chance(50) ? shuffle(choices, FIELDS) : FIELDS,
  };
};
type Style = ReturnType<typeof chooseStyle>;
type Fields = Record<Field, string>;

/** Ways to break a row that changes nothing about the others. */
const DEFECTS: readonly ((fields: Fields) => Fields)[] = [
  // Half of a UUID, or a receipt without the number of the line.
  (fields) => ({
    ...fields,
    id: fields.id.includes('/') ? fields.id.replace(/\/.*/, '/') : fields.id.slice(0, 8),
  }),
  (fields) => ({ ...fields, category: 'GIFT' }),
  (fields) => ({ ...fields, name: ' ' }),
  (fields) => ({ ...fields, quantity: '0' }),
  (fields) => ({ ...fields, quantity: 'two' }),
  (fields) => ({ ...fields, amountExclTax: 'free' }),
  (fields) => ({ ...fields, amountIncTax: '' }),
  ({ amountExclTax, amountIncTax, ...fields }) => ({
    ...fields,
    amountExclTax: amountIncTax,
    amountIncTax: amountIncTax === amountExclTax ? '' : amountExclTax,
  }),
];

/** Makes the file of a seed. */
export function makeOddFile(seed: number): OddFile {
  const choices = new Choices(seed);
  const style = chooseStyle(choices);
  const rows: ExpectedRow[] = [];
  const rejectedLines: number[] = [];
  const fieldsInOrder = style.order.filter(
    (field) => field !== 'transactionDate' || style.date !== 'file name',
  );
  const titles = [
    ...fieldsInOrder.flatMap((field) => writeTitle(field, style)),
    ...(style.hasTaxRates ? ['tax_rate'] : []),
    ...style.extraTitles,
  ];
  const header = writeLine(titles, style);
  const lines = [...style.preamble, header];
  let line = lines.length + 1;
  const add = (text: string) => {
    lines.push(text);
    line += text.split(/\r\n|[\r\n]/).length;
  };
  const count = choices.between(1, MAX_ROWS);
  for (let index = 0; index < count; index++) {
    const { rate, ...row } = chooseRow(choices, seed, index, line, style);
    const fields = writeValues(row, index, style);
    const isBroken = choices.chance(15);
    const written = isBroken ? choices.oneOf(DEFECTS)(fields) : fields;
    if (isBroken) rejectedLines.push(line);
    else rows.push(row);
    add(
      writeLine(
        [
          ...fieldsInOrder.flatMap((field) => splitId(field, written[field], style)),
          ...(style.hasTaxRates ? [writeRate(rate, choices, style)] : []),
          ...style.extraTitles.map(() => 'x y'),
        ],
        style,
      ),
    );
    if (style.hasBlankLines && choices.chance(20)) add(choices.oneOf(['', '  ', style.delimiter.repeat(3)]));
    if (style.hasRepeatedHeaders && choices.chance(10)) add(header);
  }
  if (style.hasTotals) add(writeTotal(rows, fieldsInOrder, style));
  const text = lines.join(style.terminator) + (style.isOpen ? '' : style.terminator);
  const stem = style.date === 'file name' ? 'retail_15_03_2025_odd' : 'odd';
  const { bytes, ending } = pack(encode(text, style), style);
  const profile = style.hasProfile && { profile: { ...PROFILE, dateOrder: style.dateOrder } };
  const rules = { ...DEFAULT_RULES, taxes: TAXES, ...profile };
  return {
    key: `incoming/store=${STORE}/${stem}${ending}`,
    bytes,
    rules,
    text,
    style,
    rows,
    rejectedLines,
  };
}

function chooseRow(choices: Choices, seed: number, index: number, line: number, style: Style) {
  const cents = choices.oneOf([0, 1, 99, 100, choices.below(100_000), choices.below(1_000_000_000)]);
  const names = [...PLAIN_NAMES, ...LATIN_NAMES, ...(style.encoding === 'windows-1252' ? [] : WIDE_NAMES)];
  const day = String(choices.between(1, 28)).padStart(2, '0');
  const month = String(choices.between(1, 12)).padStart(2, '0');
  const date = style.date === 'file name' ? DAY : `2025-${month}-${day}`;
  const rate = choices.oneOf([date < CHANGE_DAY ? 2_000 : 1_900, 550, 1_000]);
  const sign = choices.chance(15) ? -1 : 1;
  const pieces = choices.oneOf([1, 2, 12, choices.between(1, 99_999)]);
  const isWeighed = choices.chance(30);
  const isLong = style.terminator !== '\r' && choices.chance(5);
  return {
    line,
    id: style.hasProfile
      ? computeRowId(STORE, [String(line), String(index)])
      : `${String(seed).padStart(8, '0')}-0000-4000-8000-${String(index).padStart(12, '0')}`,
    date,
    category: choices.oneOf(['SELL', 'BUY']),
    name: isLong ? `two${style.terminator}lines` : choices.oneOf(names),
    quantity: (sign * (isWeighed ? choices.between(1, 9_999_999) : pieces * 1_000)) / 1_000,
    amountExclTax: inUnits(sign * cents),
    amountIncTax: inUnits(sign * addTax(cents, rate)),
    /** Hundredths of a percent. */
    rate,
  };
}

/** @param rate in hundredths of a percent */
const addTax = (cents: number, rate: number) =>
  cents + Number((BigInt(cents) * BigInt(rate) + 5_000n) / 10_000n);
const inUnits = (cents: number) => (cents / 100).toFixed(2);

function writeTitle(field: Field, style: Style): string[] {
  const { titleCase, hasProfile } = style;
  const title = (hasProfile && PROFILE_TITLES[field]) || COLUMNS[INDEX[field]]!.titles[0];
  const written = titleCase === 'upper' ? title.toUpperCase() : titleCase === 'padded' ? ` ${title} ` : title;
  return splitId(field, written, style);
}

/** The till of the profile writes the id in two columns. */
function splitId(field: Field, value: string, { hasProfile }: Style): string[] {
  if (!hasProfile || field !== 'id') return [value];
  const [receipt = '', line = ''] = value.split('/');
  return [receipt, line];
}

function writeValues(row: ExpectedRow, index: number, style: Style): Fields {
  // The till of the profile writes a returned sale with positive numbers.
  const isReturn = style.hasProfile && row.quantity < 0 && row.category === 'SELL';
  const withSign = (number: string) => (isReturn ? number.replace('-', '') : number);
  const category = { SELL: isReturn ? 'RETOURE' : 'Verkauf', BUY: 'EINKAUF' }[row.category]!;
  return {
    id: style.hasProfile ? `${row.line}/${index}` : row.id,
    transactionDate: writeDate(row.date, style),
    category: style.hasProfile ? category : row.category,
    name: row.name,
    quantity: writeNumber(withSign(String(row.quantity)), style),
    amountExclTax: writeAmount(withSign(row.amountExclTax), style),
    amountIncTax: writeAmount(withSign(row.amountIncTax), style),
  };
}

function writeAmount(amount: string, style: Style): string {
  return writeNumber(amount, style, style.currency);
}

/** @param form in which `#` is the number without its sign */
function writeNumber(number: string, { decimalSeparator, grouping, negative }: Style, form = '#'): string {
  const [whole = '', decimals] = number.replace('-', '').split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, grouping);
  const unsigned = form.replace(
    '#',
    decimals === undefined ? grouped : grouped + decimalSeparator + decimals,
  );
  return number.startsWith('-') ? negative.replace('#', unsigned) : unsigned;
}

function writeRate(rate: number, choices: Choices, { decimalSeparator }: Style): string {
  const percent = String(rate / 100).replace('.', decimalSeparator);
  return choices.oneOf([percent, `${percent} %`, `${percent}%`]);
}

function writeDate(date: string, { date: form, hasProfile, dateOrder }: Style): string {
  const [year, second, third] = date.split('-') as [string, string, string];
  const isMonthFirst = hasProfile && dateOrder === 'mdy' && form.includes('/');
  const [month, day] = isMonthFirst ? [third, second] : [second, third];
  if (form === 'D/M/YYYY') return `${Number(day)}/${Number(month)}/${year}`;
  return form.replace('DD', day).replace('MM', month).replace('YYYY', year);
}

function writeTotal(rows: readonly ExpectedRow[], fields: readonly Field[], style: Style): string {
  const sum = (name: 'amountExclTax' | 'amountIncTax') =>
    writeAmount(inUnits(rows.reduce((cents, row) => cents + Math.round(100 * Number(row[name])), 0)), style);
  const values = fields.flatMap((field) =>
    field === 'id'
      ? splitId(field, '', style)
      : field === 'amountExclTax' || field === 'amountIncTax'
        ? sum(field)
        : '',
  );
  // The word is the first value that is not blank.
  const first = values.indexOf('');
  const isLeading = values.slice(0, first).every((value) => value === '');
  return isLeading ? writeLine(values.with(first, 'Total'), style) : '';
}

function writeLine(values: readonly string[], { delimiter, quotes }: Style): string {
  const quote = quotes.charAt(0);
  const quoted = (value: string) => `${quote}${value.replaceAll(quote, quote + quote)}${quote}`;
  const needsQuotes = (value: string) =>
    quotes.endsWith('everywhere') || [delimiter, quote, '\n', '\r'].some((part) => value.includes(part));
  return values.map((value) => (needsQuotes(value) ? quoted(value) : value)).join(delimiter);
}

function encode(text: string, { encoding }: Style): Buffer {
  if (encoding === 'utf8') return Buffer.from(text);
  if (encoding === 'utf8-bom') return Buffer.from(`\ufeff${text}`);
  if (encoding === 'windows-1252') return Buffer.from(text.replaceAll('€', '\u0080'), 'latin1');
  const units = Buffer.from(`\ufeff${text}`, 'utf16le');
  return encoding === 'utf16le' ? units : units.swap16();
}

function pack(content: Buffer, { packing }: Style): { bytes: Buffer; ending: string } {
  if (packing === 'gzip') return { bytes: gzipSync(content), ending: '.csv.gz' };
  if (packing === 'zip') return { bytes: makeZip([{ name: 'sales.csv', content }]), ending: '.zip' };
  return { bytes: content, ending: '.csv' };
}

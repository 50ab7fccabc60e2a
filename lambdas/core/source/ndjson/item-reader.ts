import { FILE_COLUMNS, INDEX } from '../../columns.ts';
import { excerptText } from '../../excerpt-text.ts';
import { REJECT_CODES } from '../../reject-codes.ts';
import type { Rules } from '../../rules.ts';
import { MAX_RECORD_CHARACTERS } from '../csv/dialect.ts';
import type { BrokenLine, SourceRecord } from '../record.ts';
import { MemberReader } from './member-reader.ts';
import { formatValues } from './ndjson-format.ts';

/** Rules and facts that decide how an item is read. */
export interface ItemFacts {
  readonly rules: Rules;
  /** Transaction date of items without one, from the file name. */
  readonly date?: string | undefined;
  /** Receives the printable name of each member that is ignored. */
  readonly onIgnored?: (name: string) => void;
}

/** Reads one line as an item: values in the order of the columns, or the reason for which it cannot be read. */
export type ReadItem = (text: string, line: number) => SourceRecord;

/** Maximum length of the name of a member in messages and in the format summary, in characters. */
const MAX_NAME_CHARACTERS = 60;
const COLUMN_OF: ReadonlyMap<string, number> = new Map(
  FILE_COLUMNS.flatMap(({ titles }, index) => titles.map((title) => [title, index] as const)),
);
const IS_NUMERIC = FILE_COLUMNS.map(({ reader }) => reader === 'quantity' || reader === 'amount');
/** A number whose point, in a string, may mark thousands. */
const LIKE_THOUSANDS = /^-?\d{1,3}\.\d{3}$/;
const EMPTY = FILE_COLUMNS.map(() => '');

export function createItemReader({ rules, date = '', onIgnored }: ItemFacts): ReadItem {
  const { unknownColumns } = rules;
  return (text, line) => {
    if (text.length > MAX_RECORD_CHARACTERS) return rejectLine(line, text, 'row-too-long');
    const fields = EMPTY.slice();
    const seen = EMPTY.slice();
    let others: Set<string> | undefined;
    let isDuplicated = false;
    let fault: Pick<BrokenLine, 'code' | 'column' | 'message'> | undefined;
    let written: string[] | undefined;
    const members = new MemberReader(text);
    while (members.next()) {
      const { name, kind, value } = members;
      const column = COLUMN_OF.get(name);
      if (column === undefined) {
        others ??= new Set();
        isDuplicated ||= others.has(name);
        others.add(name);
        if (unknownColumns === 'refuse') fault ??= describeUnknown(name);
        else onIgnored?.(toShortName(name));
        continue;
      }
      isDuplicated ||= seen[column] !== '';
      seen[column] = kind;
      if (kind !== 'null') fields[column] = value;
      if (kind === 'other') fault ??= { code: 'json-value-invalid', column: FILE_COLUMNS[column]!.titles[0] };
      if (kind === 'number' && IS_NUMERIC[column]! && LIKE_THOUSANDS.test(value)) {
        // Only a quantity may have three decimals: a corrected line says so too.
        if (column === INDEX.quantity) {
          fields[column] = `${value}0`;
        } else {
          written ??= [];
          written[column] = value;
        }
      }
    }
    if (members.fault !== undefined) return rejectLine(line, text, members.fault);
    if (isDuplicated) return rejectLine(line, text, 'json-member-duplicated');
    const dated = seen[INDEX.transactionDate]!;
    if (dated === '' || dated === 'null') fields[INDEX.transactionDate] = date;
    if (fault !== undefined) return { line, fields: undefined, text: formatValues(fields), ...fault };
    if (written === undefined) return { line, fields, text: undefined, code: undefined };
    const original = formatValues(fields);
    // The point of a JSON number marks decimals, and a fourth one says so.
    written.forEach((value, column) => {
      fields[column] = `${value}0`;
    });
    return { line, fields, text: original, code: undefined };
  };
}

function rejectLine(
  line: number,
  text: string,
  code: 'row-too-long' | 'json-malformed' | 'json-not-object' | 'json-member-duplicated',
): SourceRecord {
  return { line, fields: undefined, text: text.slice(0, MAX_RECORD_CHARACTERS).toWellFormed(), code };
}

function describeUnknown(name: string) {
  const column = toShortName(name);
  const message = REJECT_CODES['json-member-unknown'].replace('a member', () => `the member "${column}"`);
  return { code: 'json-member-unknown', column, message } as const;
}

/** A name may have any length and any character: messages, the ledger and terminals take the beginning of it. */
function toShortName(name: string): string {
  return excerptText(name, MAX_NAME_CHARACTERS);
}

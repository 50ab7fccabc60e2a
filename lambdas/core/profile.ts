import { FILE_COLUMNS } from './columns.ts';

/** A column of a row, by its title in a plain file. */
export type ColumnTitle = (typeof FILE_COLUMNS)[number]['titles'][0];

export const COLUMN_TITLES: readonly ColumnTitle[] = FILE_COLUMNS.map(({ titles }) => titles[0]);

/** Values of the column `category` of a plain file, and of the returns of both. */
export const CATEGORY_VALUES = ['SELL', 'BUY', 'SELL return', 'BUY return'] as const;

/** Columns that a profile may compute. */
export const SUM_COLUMNS = ['amount_excl_tax', 'amount_inc_tax'] as const satisfies readonly ColumnTitle[];

/** The way in which a store writes its CSV files and workbooks, as JSON. An operator declares it once. */
export interface Profile {
  readonly name: string;
  /** Titles in the file, by column. */
  readonly titles?: Readonly<Partial<Record<ColumnTitle, readonly string[]>>>;
  /** Values in the file and their meaning, by column. One of {@link CATEGORY_VALUES} for the category. */
  readonly values?: Readonly<Partial<Record<ColumnTitle, Readonly<Record<string, string>>>>>;
  /** Values of every row of a file that lacks the column. */
  readonly constants?: Readonly<Partial<Record<ColumnTitle, string>>>;
  /** Amounts that the file does not have, and the titles of the columns whose sum they are; `-` before one subtracts it. */
  readonly sums?: Readonly<Partial<Record<(typeof SUM_COLUMNS)[number], readonly string[]>>>;
  /** Amount that is computed from the one including tax and the rate in a file that lacks it. */
  readonly derive?: 'amount_excl_tax';
  /** Titles of the columns that identify a row within the store. The id of the row is computed from them. */
  readonly id?: { readonly from: readonly string[] };
  /** Order of day and month in dates such as 03/04/2025. @default that of the rules */
  readonly dateOrder?: 'dmy' | 'mdy';
  /** Formats such as `DD.MM.YY`. @default the formats that every file may have */
  readonly dateFormats?: readonly string[];
  /** IANA name of the time zone of the store, for dates with a time in UTC. */
  readonly timeZone?: string;
  /** @default the amounts show it */
  readonly decimalSeparator?: '.' | ',';
  /** Sign or code of the amounts. @default the amounts show it */
  readonly currency?: string;
  /** Regular expression that finds the groups `day`, `month` and `year` in the file name. */
  readonly fileDay?: string;
  /** @default the header and the rows show it */
  readonly quote?: '"' | "'";
}

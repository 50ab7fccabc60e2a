import { MAX_RECORD_CHARACTERS } from '../source/csv/dialect.ts';
import { damagedWorkbook } from './xml.ts';

/**
 * Mark before the text of a cell that has an error or a formula without a result. No text of a cell has it: XML does not
 * allow it, and `cleanText` removes it.
 */
export const CELL_FAULT = '\f';

/** Limits of a sheet (Microsoft, "Excel specifications and limits"; LibreOffice has the same). */
const MAX_ROWS = 1_048_576;
export const MAX_COLUMNS = 16_384;
/** Digits that spreadsheets keep of a number (Microsoft, "Excel specifications and limits"). */
const SIGNIFICANT_DIGITS = 15;
/** A number whose point, in a text, may mark thousands. */
const LIKE_THOUSANDS = /^-?\d{1,3}\.\d{3}$/;
const MILLISECONDS_PER_DAY = 86_400_000;
const SECONDS_PER_DAY = 86_400;
/** 31 December 9999. */
const MAX_SERIAL = 2_958_465;

export interface Sheet {
  readonly name: string;
  /** Reads the rows as CSV: one line for each row of the sheet. */
  rows(): AsyncGenerator<string>;
}

/** Writes the rows of a sheet as CSV, one line for each row of the sheet, blank ones too. */
export class SheetWriter {
  /** Rows written so far. */
  lines = 0;
  #text = '';

  /** @param row its number in the sheet, from 1 */
  write(row: number, cells: readonly (string | undefined)[]): void {
    if (cells.every((cell) => cell === undefined || cell === '')) return;
    if (row <= this.lines || row > MAX_ROWS) throw damagedWorkbook(`row ${row} is not where it should be`);
    this.#text += `${'\n'.repeat(row - this.lines - 1)}${Array.from(cells, quoteCell).join(',')}\n`;
    this.lines = row;
  }

  /** Returns the lines since the last call. */
  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }
}

function quoteCell(cell = ''): string {
  return /[",;|\t']|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Makes the text of a cell one line, and shortens one that makes its row too long anyway. */
export function cleanText(text: string): string {
  const cut = text.length > MAX_RECORD_CHARACTERS ? text.slice(0, MAX_RECORD_CHARACTERS + 1) : text;
  return /[\r\n\f\v]/.test(cut) ? cut.replace(/[\r\n\f\v]+/g, ' ') : cut;
}

/** Writes a number as the spreadsheet shows it: 0.1 + 0.2 is 0.3. Its point marks decimals, and a fourth one says so. */
export function formatNumber(text: string): string {
  if (/^-?\d{1,15}$/.test(text)) return text;
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) return cleanText(text);
  const written = String(Number(number.toPrecision(SIGNIFICANT_DIGITS)));
  return LIKE_THOUSANDS.test(written) ? `${written}0` : written;
}

/** Writes a number as a percentage, as the spreadsheet shows it: 0.055 is `5.5%`. */
export function formatPercent(text: string): string {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) return cleanText(text);
  return `${Number((number * 100).toPrecision(SIGNIFICANT_DIGITS))}%`;
}

/**
 * Writes a serial date as `YYYY-MM-DD`, with ` HH:MM:SS` unless it is midnight, or as a time if it has no day.
 * @param is1904 true if day 0 is 1 January 1904; otherwise day 1 is 1 January 1900, and day 60 is 29 February 1900, which
 * did not exist
 * @returns the number if it is not a day
 */
export function formatSerialDate(text: string, is1904: boolean): string {
  const serial = Number(text);
  if (!Number.isFinite(serial)) return cleanText(text);
  const seconds = Math.round((serial - Math.floor(serial)) * SECONDS_PER_DAY);
  const days = Math.floor(serial) + Math.floor(seconds / SECONDS_PER_DAY);
  const time = new Date((seconds % SECONDS_PER_DAY) * 1_000).toISOString().slice(11, 19);
  if (!is1904 && days === 0) return time;
  if (!(days >= 0 && days <= MAX_SERIAL) || (!is1904 && days === 60)) return formatNumber(text);
  const start = is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < 60 ? 31 : 30);
  const day = new Date(start + days * MILLISECONDS_PER_DAY).toISOString().slice(0, 10);
  return time === '00:00:00' ? day : `${day} ${time}`;
}

/** Writes a date of ISO 8601 in the same way. */
export function formatIsoDate(text: string): string {
  const [, day, time = '00:00:00'] = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2}))?/.exec(text) ?? [];
  if (day === undefined) return cleanText(text);
  return time === '00:00:00' ? day : `${day} ${time}`;
}

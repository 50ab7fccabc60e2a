export const DELIMITERS = [',', ';', '\t', '|'] as const;
export const QUOTES = ['"', "'"] as const;
/** Line terminator. With LF, a preceding CR is trimmed with the last value. */
export type Newline = '\n' | '\r';

export interface Dialect {
  readonly delimiter: (typeof DELIMITERS)[number];
  readonly quote: (typeof QUOTES)[number];
  readonly newline: Newline;
}

/**
 * Maximum length of a record, in characters. The lines of a longer record are malformed, which bounds memory if a quote
 * is never closed or a line never ends.
 */
export const MAX_RECORD_CHARACTERS = 65_536;

import { ServiceError } from '../gateway/service.ts';

/** A statement with `$1`, `$2`, and the names of these parameters in order. */
export interface PositionalStatement {
  readonly sql: string;
  readonly names: readonly string[];
}

/** Matches parameters, and tokens in which a colon starts none: strings, quoted names, comments, dollar quotes, casts. */
const TOKENS =
  /[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*(?:\/\*[\s\S]*?\*\/|[\s\S])*?\*\/|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|::|:([A-Za-z_]\w*)|;/g;

/**
 * Turns `:name` into `$1`, as the Data API does.
 * @throws {ServiceError} if the text has more than one statement
 */
export function toPositional(sql: string): PositionalStatement {
  const names: string[] = [];
  const text = sql.trim().replace(/;$/, '');
  const positional = text.replace(TOKENS, (token, _tag, name: string | undefined) => {
    if (token === ';') throw new ServiceError('ValidationException', "Multistatements aren't supported.");
    if (name === undefined) return token;
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  return { sql: positional, names };
}

import type { FieldDef } from 'pg';
import { z } from 'zod';
import { ServiceError } from '../gateway/service.ts';

/** A statement with `$1`, `$2`, and the names of these parameters in order. */
interface PositionalStatement {
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
    if (token === ';') throw validationError("Multistatements aren't supported.");
    if (name === undefined) return token;
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  return { sql: positional, names };
}

/** A value as the Data API writes it. */
const FIELD = z.union([
  z.strictObject({ isNull: z.literal(true) }),
  z.strictObject({ booleanValue: z.boolean() }),
  z.strictObject({ longValue: z.int() }),
  z.strictObject({ doubleValue: z.number() }),
  z.strictObject({ stringValue: z.string() }),
]);
export type Field = z.infer<typeof FIELD>;
export const SQL_PARAMETER = z.strictObject({ name: z.string(), value: FIELD });

/** Object ids (pg_type.dat) of the PostgreSQL types that are not strings in the Data API. */
const BOOLEAN = 16;
const INTEGERS = new Set([20, 21, 23, 26]);
const FLOATS = new Set([700, 701]);
/** The result of a function that returns nothing; the Data API's documented list of result types does not have it. */
const VOID = 2278;
const ARRAY_NAMES = new Set([1000, 1005, 1007, 1009, 1015, 1016, 1021, 1022, 1231, 2951]);

/** Converts a value in PostgreSQL's text format to a field of the Data API. */
export function fieldOf(text: string | null, { dataTypeID, name }: FieldDef): Field {
  if (dataTypeID === VOID) {
    throw unsupportedResult(`The result contains the unsupported data type VOID: ${name}`);
  }
  if (text === null) return { isNull: true };
  if (dataTypeID === BOOLEAN) return { booleanValue: text === 't' };
  if (INTEGERS.has(dataTypeID)) return { longValue: Number(text) };
  if (FLOATS.has(dataTypeID)) return { doubleValue: Number(text) };
  if (ARRAY_NAMES.has(dataTypeID)) {
    throw unsupportedResult(`the local cloud does not return arrays: ${name}`);
  }
  return { stringValue: text };
}

export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

export function unsupportedResult(message: string): ServiceError {
  return new ServiceError('UnsupportedResultException', message);
}

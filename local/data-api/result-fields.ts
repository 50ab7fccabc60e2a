import pg, { type FieldDef } from 'pg';
import { ServiceError } from '../gateway/service.ts';

/** A value as the Data API returns it. */
export type Field =
  | { readonly isNull: true }
  | { readonly arrayValue: Readonly<Record<`${Member}s`, readonly unknown[]>> }
  | Readonly<Partial<Record<Member | 'blobValue', unknown>>>;

type Member = 'booleanValue' | 'longValue' | 'doubleValue' | 'stringValue';

interface Type {
  readonly member: Member;
  readonly read: (text: string) => unknown;
}

const BOOLEAN: Type = { member: 'booleanValue', read: (text) => text === 't' };
const INTEGER: Type = { member: 'longValue', read: readInteger };
const FLOAT: Type = { member: 'doubleValue', read: Number };
const STRING: Type = { member: 'stringValue', read: (text) => text };

const { builtins } = pg.types;
const BYTEA = builtins.BYTEA;
/**
 * The result types that AWS documents, by their object ids, except those that an extension or a user creates (Aurora
 * user guide, "Amazon RDS Data API operations reference"). Other types, such as timestamptz, interval or void, may be
 * refused by AWS: cast them to text.
 */
const SCALARS: ReadonlyMap<number, Type> = new Map([
  [builtins.BOOL, BOOLEAN],
  ...[builtins.INT2, builtins.INT4, builtins.INT8].map((id) => [id, INTEGER] as const),
  ...[builtins.FLOAT4, builtins.FLOAT8].map((id) => [id, FLOAT] as const),
  ...[
    builtins.TEXT,
    builtins.VARCHAR,
    builtins.BPCHAR,
    builtins.NUMERIC,
    builtins.DATE,
    builtins.TIME,
    builtins.TIMESTAMP,
    builtins.UUID,
    builtins.JSON,
    builtins.JSONB,
    builtins.CIDR,
    builtins.INET,
    19, // name
  ].map((id) => [id, STRING] as const),
]);
/** The documented arrays, by the object ids of pg_type.dat. */
const ARRAYS: ReadonlyMap<number, Type> = new Map([
  [1000, BOOLEAN],
  ...[1005, 1007, 1016].map((id) => [id, INTEGER] as const),
  ...[1021, 1022].map((id) => [id, FLOAT] as const),
  // text, varchar, char, name, numeric, date, time, timestamp, uuid, json
  ...[1009, 1015, 1014, 1003, 1231, 1182, 1183, 1115, 2951, 199].map((id) => [id, STRING] as const),
]);
/** Reads an array of any type in text format as an array of texts. */
const parseArray = pg.types.getTypeParser(1009 as number) as (text: string) => unknown[];

/**
 * Converts a value in PostgreSQL's text format to a field of the Data API.
 * @throws {ServiceError} UnsupportedResultException for a type that AWS does not document, also if the value is NULL
 */
export function readField(text: string | null, { dataTypeID, name }: FieldDef): Field {
  const scalar = SCALARS.get(dataTypeID);
  const element = ARRAYS.get(dataTypeID);
  if (scalar === undefined && element === undefined && dataTypeID !== BYTEA) {
    throw unsupportedResult(`The result contains the unsupported data type ${dataTypeID} in column ${name}`);
  }
  if (text === null) return { isNull: true };
  if (scalar !== undefined) return { [scalar.member]: readNumber(scalar, text, name) };
  if (element === undefined)
    return { blobValue: Buffer.from(text.slice('\\x'.length), 'hex').toString('base64') };
  const items = parseArray(text).map((item) => {
    if (typeof item === 'string') return readNumber(element, item, name);
    throw unsupportedResult(`The array in column ${name} is multidimensional or has a NULL`);
  });
  return { arrayValue: { [`${element.member}s`]: items } as Record<`${Member}s`, unknown[]> };
}

declare global {
  interface JSON {
    /** ECMAScript 2026; TypeScript does not declare it. */
    rawJSON(text: string): object;
  }
}

/** Keeps all digits of a bigint in the answer, although some clients, such as the JavaScript SDK, round them. */
function readInteger(text: string): number | object {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : JSON.rawJSON(text);
}

/** @throws {ServiceError} for a number that JSON does not have */
function readNumber({ read }: Type, text: string, column: string): unknown {
  const value = read(text);
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  throw unsupportedResult(`The local cloud does not return ${text} in column ${column}`);
}

export function unsupportedResult(message: string): ServiceError {
  return new ServiceError('UnsupportedResultException', message);
}

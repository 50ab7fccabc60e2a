import { z } from 'zod';
import { ServiceError } from '../gateway/service.ts';

/** A value as a caller writes it. */
const PARAMETER_VALUE = z.union([
  z.strictObject({ isNull: z.literal(true) }),
  z.strictObject({ booleanValue: z.boolean() }),
  z.strictObject({ longValue: z.int() }),
  z.strictObject({ doubleValue: z.number() }),
  z.strictObject({ stringValue: z.string() }),
]);
export const SQL_PARAMETER = z.strictObject({ name: z.string(), value: PARAMETER_VALUE });
type SqlParameter = z.infer<typeof SQL_PARAMETER>;

/**
 * Types of bound values. A parameter without a type hint has the type of its member, so that PostgreSQL refuses to
 * compare a `stringValue` with a date: such statements need a cast.
 */
const TYPES = new Map([
  ['booleanValue', '::boolean'],
  ['longValue', '::bigint'],
  ['doubleValue', '::float8'],
  ['stringValue', '::text'],
]);

/** Finds tokens of PostgreSQL. The last alternative is the start of one that does not end. */
const TOKENS = new RegExp(
  [
    /(?<opaque>[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/)/,
    /(?<dollar>\$(?<tag>[A-Za-z_]\w*)?\$[\s\S]*?\$\k<tag>\$)/,
    // A dollar sign is also a part of names, in which it starts no quote.
    /[\w\u0080-\uffff][\w$\u0080-\uffff]*/,
    /::|:(?<parameter>[A-Za-z_]\w*)/,
    /(?<end>;)/,
    /(?<open>['"]|\/\*|\$)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

/** A parameter for a reader that does not know quotes and comments. */
const PARAMETER_IN_TEXT = /(?<!:):[A-Za-z_]/;

/**
 * Turns `:name` into `$1` with a type, as the Data API does. AWS does not document how the Data API finds parameters,
 * so a statement is refused in which a cruder reader would find others: one that does not know strings, comments or
 * dollar quotes.
 * @throws {ServiceError} if the text has more than one statement, or parameters other than those given
 */
export function bindParameters(sql: string, given: readonly SqlParameter[]) {
  const names: string[] = [];
  const values = new Map(given.map(({ name, value }) => [name, value]));
  if (values.size < given.length) throw badRequest('Two parameters have the same name.');
  const text = sql.trim().replace(/;$/, '');
  let [bound, position] = ['', 0];
  for (const { 0: token, index, groups = {} } of text.matchAll(TOKENS)) {
    if (groups.end !== undefined) throw validationError("Multistatements aren't supported.");
    if (groups.open !== undefined)
      throw validationError(`A quote or comment that starts with ${token} does not end.`);
    if (groups.opaque !== undefined || groups.dollar !== undefined) checkQuoted(token);
    const name = groups.parameter;
    if (name === undefined) continue;
    const value = values.get(name);
    if (value === undefined) throw badRequest(`Cannot find parameter: ${name}`);
    if (!names.includes(name)) names.push(name);
    const type = TYPES.get(Object.keys(value)[0]!) ?? '';
    bound += `${text.slice(position, index)}$${names.indexOf(name) + 1}${type}`;
    position = index + token.length;
  }
  return {
    sql: bound + text.slice(position),
    values: names.map((name) => readValue(values.get(name)!)),
  };
}

function readValue(value: SqlParameter['value']) {
  return 'isNull' in value ? null : Object.values(value)[0];
}

/** @throws {ServiceError} if another reader may take a part of the token for a parameter, or its quotes for others */
function checkQuoted(token: string): void {
  const [parameter] = PARAMETER_IN_TEXT.exec(token) ?? [];
  if (parameter !== undefined) {
    throw validationError(`The Data API may take "${parameter}" for a parameter in ${token.slice(0, 80)}`);
  }
  const isBalanced = ["'", '"'].every((quote) => (token.split(quote).length - 1) % 2 === 0);
  const isComment = token.startsWith('--') || token.startsWith('/*');
  if (
    isBalanced &&
    !(isComment && /['"]|.\/\*/s.test(token)) &&
    !(/^e/i.test(token) && token.includes("\\'"))
  )
    return;
  throw validationError(
    `The Data API may find other quotes or comments than PostgreSQL in ${token.slice(0, 80)}`,
  );
}

export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

export function badRequest(message: string): ServiceError {
  return new ServiceError('BadRequestException', message);
}

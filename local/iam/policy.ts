/** A statement of an IAM policy, without intrinsic functions. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A call to decide. */
export interface Access {
  readonly action: string;
  readonly resource: string;
  /** Values of condition keys, such as `aws:SecureTransport`. */
  readonly context: Readonly<Record<string, string>>;
}

type Decision = 'allowed' | 'denied' | 'not-mentioned';

const ELEMENTS = new Set(['Sid', 'Effect', 'Action', 'Resource', 'Principal', 'Condition']);
const OPERATORS: Readonly<Record<string, (actual: string, wanted: string) => boolean>> = {
  Bool: (actual, wanted) => actual === wanted,
  StringEquals: (actual, wanted) => actual === wanted,
  StringLike: (actual, wanted) => matches(wanted, actual),
  ArnEquals: arnMatches,
  ArnLike: arnMatches,
};

/**
 * Refuses elements and operators that `decide` does not support, so that none is ignored.
 * @throws {Error} naming the element
 */
export function checkStatements(statements: readonly Statement[], where: string): void {
  for (const statement of statements) {
    const unknown = Object.keys(statement).find((element) => !ELEMENTS.has(element));
    if (unknown !== undefined)
      throw new Error(`${where}: the local cloud does not know the policy element ${unknown}`);
    const operator = Object.keys(statement.Condition ?? {}).find((name) => OPERATORS[name] === undefined);
    if (operator !== undefined)
      throw new Error(`${where}: the local cloud does not know the condition ${operator}`);
  }
}

/** Decides a call by statements (IAM user guide, "Policy evaluation logic"): a denial outweighs every permission. */
export function decide(statements: readonly Statement[], access: Access): Decision {
  const matching = statements.filter((statement) => applies(statement, access));
  if (matching.some(({ Effect }) => Effect === 'Deny')) return 'denied';
  return matching.length > 0 ? 'allowed' : 'not-mentioned';
}

/** One action on one resource that a statement grants. */
export interface Grant {
  readonly statement: Statement;
  readonly action: string;
  readonly resource: string;
}

/** Lists every action on every resource that statements allow. */
export function grantsOf(statements: readonly Statement[]): Grant[] {
  return statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap((statement) =>
      listOf(statement.Action).flatMap((action) =>
        listOf(statement.Resource).map((resource) => ({ statement, action, resource })),
      ),
    );
}

/** Tells whether a grant allows a call. */
export function uses({ statement, action, resource }: Grant, access: Access): boolean {
  return applies({ ...statement, Action: action, Resource: resource }, access);
}

/** Tells whether a pattern with `*` and `?` matches the whole text. */
export function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Matches part by part: only in the last part can a star match a colon (IAM user guide, "ARN condition operators"). */
function arnMatches(actual: string, wanted: string): boolean {
  const partsOf = (arn: string) => [...arn.split(':').slice(0, 5), arn.split(':').slice(5).join(':')];
  const parts = partsOf(actual);
  return partsOf(wanted).every((part, index) => matches(part, parts[index] ?? ''));
}

function applies({ Action, Resource, Condition = {} }: Statement, access: Access): boolean {
  // Case matters for resources, but not for actions and names of condition keys.
  const context = new Map(Object.entries(access.context).map(([key, value]) => [key.toLowerCase(), value]));
  const action = access.action.toLowerCase();
  return (
    listOf(Action).some((pattern) => matches(pattern.toLowerCase(), action)) &&
    listOf(Resource).some((pattern) => matches(pattern, access.resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => {
        const actual = context.get(key.toLowerCase());
        return actual !== undefined && listOf(wanted).some((value) => OPERATORS[operator]!(actual, value));
      }),
    )
  );
}

function listOf<Item>(value: Item | readonly Item[]): readonly Item[] {
  return Array.isArray(value) ? value : [value as Item];
}

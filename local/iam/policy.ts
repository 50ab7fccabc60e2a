import {
  type Condition,
  type Context,
  findConditionProblem,
  hasVariable,
  listOf,
  meetsCondition,
} from './conditions.ts';
import { matches, splitArn } from './wildcards.ts';

/** A statement of an IAM policy, without intrinsic functions. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: Condition;
}

/** A call to decide. */
export interface Access {
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}

type Decision = 'allowed' | 'denied' | 'not-mentioned';

const ELEMENTS = new Set(['Sid', 'Effect', 'Action', 'Resource', 'Principal', 'Condition']);
const ACTION = /^(\*|[a-z0-9-]+:[a-z0-9*?]+)$/i;

/**
 * Refuses everything that `decide` does not evaluate exactly as AWS does, so that nothing is ignored.
 * @throws {Error} naming the policy and the element
 */
export function checkStatements(statements: readonly Statement[], where: string): void {
  for (const statement of statements) {
    const problem = findProblem(statement);
    if (problem !== undefined) throw new Error(`${where}: the local cloud does not know ${problem}`);
  }
}

function findProblem(statement: Statement): string | undefined {
  const { Effect, Action, Resource, Condition = {} } = statement;
  const unknown = Object.keys(statement).find((element) => !ELEMENTS.has(element));
  if (unknown !== undefined) return `the policy element ${unknown}`;
  if (Effect !== 'Allow' && Effect !== 'Deny') return `the effect ${JSON.stringify(Effect)}`;
  if (!areKnown(Action, isKnownAction)) return `the action ${JSON.stringify(Action)}`;
  if (!areKnown(Resource, isKnownResource)) return `the resource ${JSON.stringify(Resource)}`;
  return findConditionProblem(Condition);
}

function areKnown(values: unknown, isKnown: (value: unknown) => boolean): boolean {
  const list = listOf(values);
  return list.length > 0 && list.every(isKnown);
}

function isKnownAction(action: unknown): boolean {
  return typeof action === 'string' && ACTION.test(action);
}

/**
 * Accepts `*`, and ARNs with wildcards in the last part only: a star in another part may match a colon or not (IAM user
 * guide, "IAM JSON policy elements: Resource").
 */
function isKnownResource(resource: unknown): boolean {
  if (resource === '*') return true;
  if (typeof resource !== 'string' || hasVariable(resource)) return false;
  return (
    splitArn(resource)
      ?.slice(0, 5)
      .every((part) => !/[*?]/.test(part)) ?? false
  );
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

function applies({ Action, Resource, Condition = {} }: Statement, access: Access): boolean {
  // Case matters for resources, but not for actions and names of condition keys.
  const context = new Map(Object.entries(access.context).map(([key, value]) => [key.toLowerCase(), value]));
  const action = access.action.toLowerCase();
  return (
    listOf(Action).some((pattern) => matches(pattern.toLowerCase(), action)) &&
    listOf(Resource).some((pattern) => matches(pattern, access.resource)) &&
    meetsCondition(Condition, context)
  );
}

import { matches, splitArn } from './wildcards.ts';

export type Condition = Readonly<Record<string, Readonly<Record<string, ConditionValue>>>>;
type ConditionValue = string | boolean | readonly (string | boolean)[];

/** Values of condition keys. */
export type Context = Readonly<Record<string, string>>;

type KeyType = 'string' | 'arn' | 'bool';

/**
 * The condition keys that a call here has whenever it has them on AWS, in lower case. Any other key is refused, because
 * a denial with a key that no call has would never deny.
 */
const KEYS: ReadonlyMap<string, KeyType> = new Map([
  // IAM user guide, "AWS global condition context keys".
  ['aws:securetransport', 'bool'],
  ['aws:requestedregion', 'string'],
  ['aws:principalaccount', 'string'],
  ['aws:principalarn', 'arn'],
  ['aws:sourceaccount', 'string'],
  ['aws:sourcearn', 'arn'],
  // Service authorization reference, "Condition keys for Amazon S3" and "… for AWS Key Management Service".
  ['s3:prefix', 'string'],
  ['s3:x-amz-acl', 'string'],
  ['s3:x-amz-copy-source', 'string'],
  ['s3:x-amz-metadata-directive', 'string'],
  ['s3:x-amz-server-side-encryption', 'string'],
  ['s3:x-amz-server-side-encryption-aws-kms-key-id', 'string'],
  ['s3:x-amz-server-side-encryption-customer-algorithm', 'string'],
  ['s3:x-amz-storage-class', 'string'],
  ['kms:viaservice', 'string'],
  // Service authorization reference, "Condition keys for Amazon Simple Email Service v2".
  ['ses:fromaddress', 'string'],
  // Only CloudWatch Logs sends it (its user guide, "Encrypt log data"), and the local cloud does not have this caller.
  ['kms:encryptioncontext:aws:logs:arn', 'arn'],
]);

interface Operator {
  /** Types of the keys that it may compare. */
  readonly types: readonly KeyType[];
  /** Finds the fault of a value in a policy. */
  readonly problem: (wanted: string | boolean) => string | undefined;
  readonly compare: (actual: string, wanted: string) => boolean;
}

const isText = (wanted: string | boolean) => (typeof wanted === 'string' ? undefined : 'is not a string');
const isBool = (wanted: string | boolean) =>
  /^(true|false)$/i.test(String(wanted)) ? undefined : 'is neither true nor false';
const isArn = (wanted: string | boolean) =>
  isText(wanted) ?? (splitArn(String(wanted)) ? undefined : 'does not have the six parts of an ARN');
const TEXTS: readonly KeyType[] = ['string', 'arn'];
const ARN: Operator = {
  types: ['arn'],
  problem: isArn,
  // Part by part: only in the last part can a star match a colon (IAM user guide, "ARN condition operators").
  compare(actual, wanted) {
    const parts = splitArn(actual);
    return parts !== undefined && splitArn(wanted)!.every((part, index) => matches(part, parts[index]!));
  },
};

/** The operators by name, without `Not` and `IfExists`. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  [
    'Bool',
    {
      types: ['bool'],
      problem: isBool,
      compare: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
    },
  ],
  // Tells whether the key is missing.
  ['Null', { types: [...TEXTS, 'bool'], problem: isBool, compare: () => false }],
  ['StringEquals', { types: TEXTS, problem: isText, compare: (actual, wanted) => actual === wanted }],
  ['StringLike', { types: TEXTS, problem: isText, compare: (actual, wanted) => matches(wanted, actual) }],
  ['ArnEquals', ARN],
  ['ArnLike', ARN],
]);

/** Splits a name such as `StringNotEqualsIfExists`. @returns undefined if there is no such operator */
function readOperator(name: string) {
  const [, kind, not, comparison = '', ifExists] =
    /^(Bool|Null|String|Arn)(Not)?(Equals|Like)?(IfExists)?$/.exec(name) ?? [];
  const base = `${kind}${comparison}`;
  const operator = OPERATORS.get(base);
  if (operator === undefined || (base === 'Null' && ifExists) || (comparison === '' && not)) return undefined;
  return {
    ...operator,
    isNull: base === 'Null',
    isNegated: not !== undefined,
    ifExists: ifExists !== undefined,
  };
}

/**
 * Finds the first part of a condition that the local cloud does not evaluate exactly as AWS does.
 * @returns undefined if there is none
 */
export function findConditionProblem(condition: Condition): string | undefined {
  if (!isRecord(condition)) return `the condition ${JSON.stringify(condition)}`;
  for (const [name, keys] of Object.entries(condition)) {
    if (!isRecord(keys)) return `the condition ${JSON.stringify(condition)}`;
    const operator = readOperator(name);
    if (operator === undefined) return `the condition operator ${name}`;
    for (const [key, values] of Object.entries(keys)) {
      const type = KEYS.get(key.toLowerCase());
      if (type === undefined) return `the condition key ${key}`;
      if (!operator.types.includes(type)) return `the condition operator ${name} with the key ${key}`;
      const list = listOf(values);
      if (list.length === 0) return `the condition key ${key} without a value`;
      for (const value of list) {
        if (typeof value === 'object') return `the value ${JSON.stringify(value)} of ${key}`;
        const problem = hasVariable(value) ? 'has a policy variable' : operator.problem(value);
        if (problem !== undefined) return `the value ${JSON.stringify(value)} of ${key}, which ${problem}`;
      }
    }
  }
  return undefined;
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tells whether a text has a policy variable, such as `${aws:username}`. */
export function hasVariable(text: unknown): boolean {
  return String(text).includes('${');
}

/** Tells whether a call meets every operator and key of a condition. @param context with keys in lower case */
export function meetsCondition(condition: Condition, context: ReadonlyMap<string, string>): boolean {
  return Object.entries(condition).every(([name, keys]) => {
    const { compare, isNull, isNegated, ifExists } = readOperator(name)!;
    return Object.entries(keys).every(([key, values]) => {
      const actual = context.get(key.toLowerCase());
      const wanted = listOf(values).map(String);
      if (isNull) return wanted.some((text) => text.toLowerCase() === String(actual === undefined));
      // Without the key a comparison is false, its negation true (IAM user guide, "Condition operators").
      if (actual === undefined) return isNegated || ifExists;
      return wanted.some((text) => compare(actual, text)) !== isNegated;
    });
  });
}

export function listOf<Item>(value: Item | readonly Item[]): readonly Item[] {
  return Array.isArray(value) ? value : [value as Item];
}

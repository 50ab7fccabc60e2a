import { z } from 'zod';
import { type FormFields, ServiceError } from '../gateway/service.ts';

/** Fields that need no condition (S3 API reference, "POST policy"), and the name of the file. */
const FREE_FIELD = /^(x-amz-signature|policy|file|x-ignore-.*)$/;

const CONDITION = z.union([
  z.tuple([z.literal(['eq', 'starts-with']), z.string().startsWith('$'), z.string()]),
  z.tuple([z.literal('content-length-range'), z.int().min(0), z.int().min(0)]),
  z
    .record(z.string(), z.string())
    .refine((members) => Object.keys(members).length === 1)
    .transform((members) => ['eq', `$${Object.keys(members)[0]}`, Object.values(members)[0]!] as const),
]);
const POLICY = z.strictObject({ expiration: z.iso.datetime(), conditions: z.array(CONDITION) });

/**
 * Checks a form against its policy, whose signature is valid.
 * @returns the sizes of the file that the policy allows
 * @throws {ServiceError} AccessDenied for a form that it does not allow
 */
export function checkPolicy(fields: FormFields, bucket: string): { minBytes: number; maxBytes: number } {
  const { expiration, conditions } = parsePolicy(fields.get('policy') ?? '');
  if (Date.parse(expiration) <= Date.now()) throw refused('Policy expired.');
  const range = { minBytes: 0, maxBytes: Number.POSITIVE_INFINITY };
  const covered = new Set<string>();
  for (const condition of conditions) {
    const [operator, first, second] = condition;
    if (operator === 'content-length-range') {
      range.minBytes = Math.max(range.minBytes, first);
      range.maxBytes = Math.min(range.maxBytes, second);
      continue;
    }
    const name = first.slice(1).toLowerCase();
    covered.add(name);
    const value = name === 'bucket' ? bucket : fields.get(name);
    if (value === undefined || !meets(operator, name, value, second)) {
      throw refused(`Policy Condition failed: ${JSON.stringify(condition)}`);
    }
  }
  const extra = [...fields.keys()].filter((name) => !covered.has(name) && !FREE_FIELD.test(name));
  if (extra.length > 0) throw refused(`Extra input fields: ${extra.join(', ')}`);
  return range;
}

function meets(operator: 'eq' | 'starts-with', name: string, value: string, wanted: string): boolean {
  if (operator === 'eq') return value === wanted;
  // A value with commas is a list of content types, each of which must meet the condition (the same page).
  const values = name === 'content-type' ? value.split(',').map((each) => each.trim()) : [value];
  return values.every((each) => each.startsWith(wanted));
}

function parsePolicy(base64: string): z.infer<typeof POLICY> {
  const invalid = (reason: string) => new ServiceError('InvalidPolicyDocument', `Invalid Policy: ${reason}`);
  let policy: unknown;
  try {
    policy = JSON.parse(Buffer.from(base64, 'base64').toString());
  } catch {
    throw invalid('Invalid JSON.');
  }
  const { success, data, error } = POLICY.safeParse(policy);
  if (success) return data;
  throw invalid(z.prettifyError(error).replace(/\s+/g, ' '));
}

function refused(reason: string): ServiceError {
  return new ServiceError('AccessDenied', `Invalid according to Policy: ${reason}`, 403);
}

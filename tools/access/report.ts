import { formatTable } from '../../cli/output/table.ts';
import type { HeldGrant } from '../../local/iam/access-control.ts';

interface Exception {
  readonly holder: RegExp;
  /** Service principal of a resource's policy. */
  readonly service?: RegExp;
  /** @default every action */
  readonly action?: RegExp;
  readonly reason: string;
}

/** Grants that the local cloud cannot use. */
const UNUSED_HERE: readonly Exception[] = [
  {
    holder: /:kms:/,
    service: /^(logs\.[a-z0-9-]+|cloudwatch)\.amazonaws\.com$/,
    reason: 'for the logs and alarms of CloudWatch, which the local cloud does not have',
  },
  {
    holder: /operatorpolicy/,
    action: /^(?!execute-api:)/,
    reason: 'used by the command line: test/cloud/cli/stage.test.ts',
  },
  {
    holder: /:user\/.*accessstore(?!main)/,
    reason: 'the same as those of the store main, which are used',
  },
  {
    holder: /:s3:.*logbucket/,
    service: /^(logging\.s3|delivery\.logs)\.amazonaws\.com$/,
    reason: 'for access and flow logs, which the local cloud does not write',
  },
];

/** Finds the reason why a grant cannot be used here. @returns undefined if it must be used */
function findException({ holder, action, statement }: HeldGrant): string | undefined {
  const { Service = '' } = Object(statement.Principal) as { Service?: string };
  const isFor = (exception: Exception) =>
    exception.holder.test(holder) &&
    (exception.action ?? /./).test(action) &&
    (exception.service ?? /^$/).test(String(Service));
  return UNUSED_HERE.find(isFor)?.reason;
}

/** Finds grants that no call has used and that have no known reason. */
export function findUnused(grants: readonly HeldGrant[]): HeldGrant[] {
  return grants.filter((grant) => !grant.isUsed && findException(grant) === undefined);
}

/** Formats a table of grants: holder, action, resource, conditions, and whether a call used the grant. */
export function formatGrants(grants: readonly HeldGrant[]): string {
  return formatTable(grants, [
    { title: 'who', value: nameHolder },
    { title: 'may', value: ({ action }) => action },
    { title: 'on', value: nameResource },
    { title: 'if', value: ({ statement }) => formatCondition(statement.Condition) },
    {
      title: 'used',
      value: (grant) => (grant.isUsed ? 'yes' : (findException(grant) ?? 'NO: remove it or use it')),
    },
  ]).join('\n');
}

function nameHolder({ holder, statement: { Principal } }: HeldGrant): string {
  const { Service } = Object(Principal) as { Service?: string | string[] };
  return Service === undefined ? shorten(holder) : [Service].flat().join(' and ');
}

/** Names the resource of a grant. In a key's policy, "*" is the key. */
function nameResource({ holder, resource }: HeldGrant): string {
  return shorten(resource === '*' && holder.includes(':kms:') ? holder : resource);
}

function shorten(arn: string): string {
  return arn
    .replace(/^arn:aws:([a-z0-9-]+):[^:]*:[^:]*:/, '$1 ')
    .replace(/^lambda function:/, '')
    .replace(/retail-[a-z0-9]+-(data|pipeline)-/g, '')
    .replace(/\.us-east-1\.amazonaws\.com$/, '');
}

function formatCondition(condition: object = {}): string {
  return (Object.values(condition) as Record<string, string | string[]>[])
    .flatMap((keys) => Object.entries(keys))
    .map(([key, value]) => `${key} = ${shorten([value].flat().join())}`)
    .join(', ');
}

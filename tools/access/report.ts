import { formatTable } from '../../cli/output/table.ts';
import type { HeldGrant } from '../../local/iam/access-control.ts';

interface Exception {
  readonly holder: RegExp;
  /** The service that a resource's policy names. */
  readonly service?: RegExp;
  readonly reason: string;
}

/** Grants that nothing here can use. */
const UNUSED_HERE: readonly Exception[] = [
  {
    holder: /:kms:/,
    service: /^(logs\.[a-z0-9-]+|cloudwatch)\.amazonaws\.com$/,
    reason: 'for the logs and alarms of CloudWatch, which are not here',
  },
  {
    holder: /operatorpolicy/,
    reason: 'used by the command line: test/cli/stage.test.ts',
  },
  {
    holder: /:s3:.*logbucket/,
    service: /^(logging\.s3|delivery\.logs)\.amazonaws\.com$/,
    reason: 'for access and flow logs, which nobody writes here',
  },
];

/** Why a grant need not be used here; undefined where it must be. */
function exceptionOf({ holder, statement }: HeldGrant): string | undefined {
  const { Service = '' } = Object(statement.Principal) as { Service?: string };
  const isFor = ({ holder: of, service = /^$/ }: Exception) =>
    of.test(holder) && service.test(String(Service));
  return UNUSED_HERE.find(isFor)?.reason;
}

/** Grants with which no call was made, and for which there is no reason. */
export function findUnused(grants: readonly HeldGrant[]): HeldGrant[] {
  return grants.filter((grant) => !grant.isUsed && exceptionOf(grant) === undefined);
}

/** Who may do what on what, whether somebody did, and with which key conditions. */
export function formatGrants(grants: readonly HeldGrant[]): string {
  return formatTable(grants, [
    { title: 'who', value: ({ holder, statement }) => whoOf(holder, statement.Principal) },
    { title: 'may', value: ({ action }) => action },
    { title: 'on', value: (grant) => resourceOf(grant) },
    { title: 'if', value: ({ statement }) => conditionOf(statement.Condition) },
    {
      title: 'used',
      value: (grant) => (grant.isUsed ? 'yes' : (exceptionOf(grant) ?? 'NO: take it away, or use it')),
    },
  ]);
}

function whoOf(holder: string, principal: unknown): string {
  const { Service } = Object(principal) as { Service?: string | string[] };
  return Service === undefined ? shortName(holder) : [Service].flat().join(' and ');
}

/** In the policy of a key "*" is the key. */
function resourceOf({ holder, resource }: HeldGrant): string {
  return shortName(resource === '*' && holder.includes(':kms:') ? holder : resource);
}

function shortName(arn: string): string {
  return arn
    .replace(/^arn:aws:([a-z0-9-]+):[^:]*:[^:]*:/, '$1 ')
    .replace(/^lambda function:/, '')
    .replace(/retail-[a-z0-9]+-(data|pipeline)-/g, '')
    .replace(/\.us-east-1\.amazonaws\.com$/, '');
}

function conditionOf(condition: object = {}): string {
  const values = Object.values(condition) as Record<string, string | string[]>[];
  return values
    .flatMap((keys) =>
      Object.entries(keys).map(([key, value]) => `${key} = ${shortName([value].flat().join())}`),
    )
    .join(', ');
}

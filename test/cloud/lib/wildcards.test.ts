import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { synthesizeApp } from '../../support/synthesized-app.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** Two stages, the second with every optional feature. */
const VARIANTS = [
  { stage: 'dev' },
  {
    stage: 'prod',
    'retail:region': 'eu-central-1',
    'retail:backupCopyRegion': 'eu-west-1',
    'retail:githubRepository': 'owner/name',
    'retail:quicksightPrincipalArn': 'arn:aws:quicksight:eu-central-1:111122223333:group/default/analysts',
  },
];
const section = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8').match(
  /Identity policies have these grants on `\*`.*?\n\n(.*?)\n\n(?=[^-])/s,
)![1]!;
const listed = (form: RegExp) => [...section.matchAll(form)].map(([, name]) => name).sort();
const resources = VARIANTS.flatMap((settings) => synthesizeApp(settings).flatMap((stack) => stack.resources));

/** Every statement of a policy below these properties. */
function statementsIn(value: unknown): Statement[] {
  if (value === null || typeof value !== 'object') return [];
  const nested = Object.values(value).flatMap(statementsIn);
  return 'Effect' in value && 'Resource' in value ? [value as Statement, ...nested] : nested;
}

test('docs/security.md lists every action that an identity policy grants on every resource', () => {
  const statements = resources.filter(({ Type }) => Type.startsWith('AWS::IAM::')).flatMap(statementsIn);
  const granted = statements
    .filter(({ Effect, Resource }) => Effect === 'Allow' && [Resource].flat().includes('*'))
    .flatMap(({ Action }) => Action);
  expect(listed(/`([a-z0-9]+:[A-Za-z*]+)`/g)).toEqual([...new Set(granted)].sort());
});

test('docs/security.md lists every policy of AWS that a role has', () => {
  const arns = resources
    .filter(({ Type }) => Type === 'AWS::IAM::Role')
    .flatMap(({ Properties }) => (Properties.ManagedPolicyArns ?? []) as unknown[])
    .map((arn) => JSON.stringify(arn));
  const names = arns.map((arn) => arn.match(/:iam::aws:policy\/(?:service-role\/)?(\w+)/)?.[1] ?? arn);
  expect(listed(/`(AWS\w+)`/g)).toEqual([...new Set(names)].sort());
});

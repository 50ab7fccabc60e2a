import type { App, CfnResource, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { expect, test } from 'vitest';
import { newApp } from '../../support/synthesized-app.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const outdir = temporaryDir();
const PROD = {
  stage: 'prod',
  'retail:region': 'eu-central-1',
  'retail:quicksightPrincipalArn': 'arn:aws:quicksight:eu-central-1:111122223333:group/default/analysts',
};

interface Template {
  readonly Outputs?: Record<string, { readonly Export?: unknown }>;
}

/** The templates of a release, by the names of the stacks, in the order of their deployment. */
function synthesize(change: (app: App) => void): Map<string, Template> {
  const app = newApp(PROD, outdir);
  change(app);
  return new Map(app.synth().stacks.map(({ stackName, template }) => [stackName, template]));
}

function rename(stack: Stack, ...path: string[]): void {
  const construct = path.reduce<IConstruct>((parent, id) => parent.node.findChild(id), stack);
  const resource = construct.node.defaultChild as CfnResource;
  resource.overrideLogicalId(`Renamed${path.join('')}`);
}

/** Every argument of an intrinsic function in a template. */
function argumentsOf(name: string, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => (key === name ? [item] : argumentsOf(name, item)));
}

const before = synthesize(() => undefined);
const after = synthesize((app) => {
  const pipeline = app.node.findChild('RetailPipeline') as Stack;
  rename(pipeline, 'Sweep', 'Function');
  rename(pipeline, 'Load', 'Rows', 'DeadLetterQueue');
  rename(app.node.findChild('RetailData') as Stack, 'Database', 'QuicksightSecret', 'Attachment');
});

test('a release may rename a function and replace a queue or a secret: no stack has an export', () => {
  for (const [stackName, template] of [...before, ...after]) {
    const outputs = Object.entries(template.Outputs ?? {});
    expect(
      outputs.filter(([, output]) => output.Export !== undefined),
      stackName,
    ).toEqual([]);
    expect(argumentsOf('Fn::ImportValue', template), stackName).toEqual([]);
  }
});

test('every stack reads outputs of stacks that are deployed before it', () => {
  const deployed: string[] = [];
  for (const [stackName, template] of after) {
    for (const reference of argumentsOf('Fn::GetStackOutput', template)) {
      const { StackName, OutputName } = reference as Record<string, string>;
      expect(deployed, `${stackName} reads ${OutputName}`).toContain(StackName);
      expect(after.get(StackName!)!.Outputs, stackName).toHaveProperty(OutputName!);
    }
    deployed.push(stackName);
  }
});

test.each(['pipeline', 'operations', 'analytics'])(
  'the template of the stack %s changes with the resources that it refers to, so that it is deployed again',
  (part) => {
    const references = (release: Map<string, Template>) =>
      argumentsOf('Fn::GetStackOutput', release.get(`retail-prod-${part}`));
    expect(references(after)).not.toEqual(references(before));
  },
);

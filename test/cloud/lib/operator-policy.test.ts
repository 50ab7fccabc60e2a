import { beforeAll, describe, expect, test } from 'vitest';
import { OPERATOR_PERMISSIONS } from '../../../cli/aws/calls.ts';
import { templatesOf } from '../../support/synthesized-app.ts';

interface Policy {
  readonly Properties: {
    readonly ManagedPolicyName?: string;
    readonly PolicyDocument: {
      readonly Statement: { Action: string | string[]; Resource: unknown; Condition?: object }[];
    };
  };
}

describe.each(['dev', 'prod'])('the operator’s policy of the stage %s', (stage) => {
  let policy: Policy;
  let outputs: Record<string, { Value: unknown }>;
  beforeAll(() => {
    const template = templatesOf(stage).get('RetailPipeline')!.toJSON();
    outputs = template.Outputs;
    const { Ref } = outputs.OperatorPolicyArn!.Value as { Ref: string };
    policy = template.Resources[Ref];
  });

  test('has no explicit name, so that stages do not collide', () => {
    expect(policy.Properties.ManagedPolicyName).toBeUndefined();
  });

  test('grants no action by a pattern, and nothing on all resources', () => {
    for (const { Action, Resource } of policy.Properties.PolicyDocument.Statement) {
      expect([Action].flat().filter((action) => action.includes('*'))).toEqual([]);
      expect([Resource].flat()).not.toContain('*');
    }
  });

  test('describes only the stacks of its stage', () => {
    const { Statement } = policy.Properties.PolicyDocument;
    const statement = Statement.find(({ Action }) => Action === 'cloudformation:DescribeStacks')!;
    const text = JSON.stringify(statement.Resource);
    expect(text.match(/stack\/[^"]*/g)).toEqual([
      `stack/retail-${stage}-data/*`,
      `stack/retail-${stage}-pipeline/*`,
    ]);
  });

  test('has exactly the permissions that the command line names in its messages', () => {
    const actions = policy.Properties.PolicyDocument.Statement.flatMap(({ Action }) => Action);
    const hasKey = stage === 'prod';
    // The API is called by curl and by pages, not by the command line.
    const promised = [...OPERATOR_PERMISSIONS].filter((action) => hasKey || !action.startsWith('kms:'));
    expect([...new Set(actions)].sort()).toEqual(promised.sort());
  });

  test('may use the key only through the services that it calls', () => {
    const conditions = policy.Properties.PolicyDocument.Statement.filter(({ Action }) =>
      [Action].flat().some((action) => action.startsWith('kms:')),
    ).map(({ Condition }) => JSON.stringify(Condition).match(/"([a-z0-9]+)\."/)![1]);
    expect(conditions.sort()).toEqual(stage === 'prod' ? ['s3', 'secretsmanager', 'sqs'] : []);
  });
});

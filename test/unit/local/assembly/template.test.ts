import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Assembly, type ResourceValues } from '../../../../local/assembly/template.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { type StackTemplate, writeAssembly } from './written-assembly.ts';

const VALUES: Record<string, ResourceValues> = {
  'Test::Thing': {
    ref: ({ stackName, logicalId }) => `${stackName}/${logicalId}`,
    attributes: { Arn: ({ logicalId }) => `arn:test:${logicalId}` },
  },
};
const dir = temporaryDir();

async function load(stacks: Record<string, StackTemplate>): Promise<Assembly> {
  return Assembly.load(await writeAssembly(dir, stacks), VALUES);
}

/** Resolves a property of one resource next to the resources `Thing` and `Other`. */
async function resolve(value: unknown, more: Record<string, StackTemplate> = {}): Promise<unknown> {
  const holder = { Type: 'Test::Thing', Properties: { value } };
  const Resources = { Thing: { Type: 'Test::Thing' }, Other: { Type: 'Test::Unknown' }, Holder: holder };
  const Outputs = { Out: { Value: { Ref: 'Thing' } } };
  const assembly = await load({ Main: { Resources, Outputs }, ...more });
  const found = assembly.resources.find((item) => item.logicalId === 'Holder' && item.stackName === 'Main')!;
  return found.property('value');
}

describe('a property', () => {
  it('resolves Ref and Fn::GetAtt at any depth', async () => {
    const value = { list: [{ Ref: 'Thing' }, 1, true], deep: { arn: { 'Fn::GetAtt': ['Thing', 'Arn'] } } };
    expect(await resolve(value)).toEqual({ list: ['Main/Thing', 1, true], deep: { arn: 'arn:test:Thing' } });
  });

  it('resolves Fn::Join with intrinsic functions among its parts', async () => {
    const parts = ['arn:', { Ref: 'AWS::Partition' }, { 'Fn::Join': ['', ['/', { Ref: 'Thing' }]] }];
    expect(await resolve({ 'Fn::Join': [':', parts] })).toBe('arn::aws:/Main/Thing');
  });

  it('resolves Fn::Sub of resources and pseudo parameters', async () => {
    const text = `\${Thing} in \${AWS::Region} of \${AWS::AccountId}, \${AWS::StackName}`;
    expect(await resolve({ 'Fn::Sub': text })).toBe('Main/Thing in us-east-1 of 000000000000, Main');
  });

  it('keeps the escapes of Fn::Sub', async () => {
    expect(await resolve({ 'Fn::Sub': `\${!Thing}` })).toBe(`\${Thing}`);
  });

  it('resolves Fn::GetStackOutput in the stack that has the output', async () => {
    const base: StackTemplate = {
      Resources: { Thing: { Type: 'Test::Thing' } },
      Outputs: { PublishOutputThing: { Value: { Ref: 'Thing' } } },
    };
    const reference = {
      StackName: 'Base',
      Region: { Ref: 'AWS::Region' },
      OutputName: 'PublishOutputThing',
    };
    expect(await resolve({ 'Fn::GetStackOutput': reference }, { Base: base })).toBe('Base/Thing');
  });

  it('is undefined if the template does not set it', async () => {
    const assembly = await load({ Main: { Resources: { Thing: { Type: 'Test::Thing' } } } });
    expect(assembly.resources[0]!.property('value')).toBeUndefined();
  });

  it.each([
    ['an unknown intrinsic function', { 'Fn::Select': [0, ['a']] }, 'Fn::Select of stack Main'],
    ['a condition', { 'Fn::If': ['c', 'a', 'b'] }, 'Fn::If of stack Main'],
    ['a resource that is not there', { Ref: 'Missing' }, 'stack Main has no resource Missing'],
    ['a type without values', { Ref: 'Other' }, 'no value for a reference to Test::Unknown'],
    ['an unknown attribute', { 'Fn::GetAtt': ['Thing', 'Url'] }, "Test::Thing's attribute Url"],
    ['an export', { 'Fn::ImportValue': 'Main:Thing' }, 'Fn::ImportValue of stack Main'],
    [
      'an output that no stack has',
      { 'Fn::GetStackOutput': { StackName: 'Nowhere', OutputName: 'Thing' } },
      'no stack of the local cloud has the output {"StackName":"Nowhere"',
    ],
    [
      'an output of another region',
      { 'Fn::GetStackOutput': { StackName: 'Main', OutputName: 'Out', Region: 'eu-west-1' } },
      '"Region":"eu-west-1"',
    ],
  ])('causes a clear error if it has %s', async (_, value, message) => {
    await expect(resolve(value)).rejects.toThrow(message);
  });
});

describe('an assembly', () => {
  it('lists the resources and outputs of every stack, without outputs that only another stack reads', async () => {
    const Resources = { Thing: { Type: 'Test::Thing' } };
    const Outputs = {
      Url: { Value: { Ref: 'Thing' } },
      PublishOutputRefThing: { Value: { Ref: 'Thing' } },
    };
    const assembly = await load({
      A: { Resources, Outputs },
      B: { Resources, Outputs: { Name: { Value: 'b' } } },
    });
    const thing = { LogicalResourceId: 'Thing', ResourceType: 'Test::Thing' };
    expect(assembly.stacks((resource) => resource.ref())).toEqual([
      {
        name: 'A',
        outputs: { Url: 'A/Thing' },
        resources: [{ ...thing, PhysicalResourceId: 'A/Thing' }],
      },
      { name: 'B', outputs: { Name: 'b' }, resources: [{ ...thing, PhysicalResourceId: 'B/Thing' }] },
    ]);
  });

  it('has the path of the bundle of a function', async () => {
    const Metadata = { 'aws:asset:path': 'asset.abc', 'aws:cdk:path': 'Main/Thing' };
    const written = await writeAssembly(dir, {
      Main: { Resources: { Thing: { Type: 'Test::Thing', Metadata }, Plain: { Type: 'Test::Thing' } } },
    });
    const { resources } = await Assembly.load(written, VALUES);
    expect(resources.map(({ assetPath }) => assetPath)).toEqual([join(written, 'asset.abc'), undefined]);
  });

  it('distinguishes resources with the same logical id in two stacks', async () => {
    const stack = { Resources: { Thing: { Type: 'Test::Thing' } } };
    const assembly = await load({ A: stack, B: stack });
    expect(assembly.ofType('Test::Thing').map((thing) => thing.ref())).toEqual(['A/Thing', 'B/Thing']);
  });
});

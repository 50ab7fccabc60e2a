import { expect, test } from 'vitest';
import { templatesOf } from '../../support/synthesized-app.ts';

const REPOSITORY = {
  'retail:githubRepository': 'acme/retail',
  'retail:region': 'eu-central-1',
  'retail:account': '123456789012',
};
const ISSUER = 'token.actions.githubusercontent.com';
type Statement = Record<string, unknown>;

const deployerOf = (stage: string, changes: Record<string, unknown> = {}) =>
  templatesOf(stage, { ...REPOSITORY, ...changes }).get('RetailDeployer')!;
const text = (value: unknown) =>
  JSON.stringify(value)
    .replaceAll('{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},"', '')
    .replaceAll('"]]}', '');

/** Returns each role by the start of its logical id, with its trust policy and its permissions. */
function rolesOf(stage: string, changes: Record<string, unknown> = {}) {
  const template = deployerOf(stage, changes);
  const policies = Object.values(template.findResources('AWS::IAM::Policy'));
  return Object.entries(template.findResources('AWS::IAM::Role')).map(([logicalId, { Properties }]) => ({
    name: logicalId.replace(/[0-9A-F]{8}$/, ''),
    properties: Properties as Statement,
    trust: Properties.AssumeRolePolicyDocument.Statement as Statement[],
    may: policies
      .filter(({ Properties: { Roles } }) => Roles.some(({ Ref }: { Ref: string }) => Ref === logicalId))
      .flatMap(({ Properties: { PolicyDocument } }) => PolicyDocument.Statement as Statement[]),
  }));
}
const assumedRoles = (...roles: string[]) =>
  roles.map((role) => `iam::123456789012:role/cdk-hnb659fds-${role}`);
const resourcesOf = ({ may }: { may: Statement[] }) => {
  expect(may).toHaveLength(1);
  expect(Object.keys(may[0]!).sort()).toEqual(['Action', 'Effect', 'Resource']);
  expect(may[0]).toMatchObject({ Action: 'sts:AssumeRole', Effect: 'Allow' });
  return [may[0]!.Resource].flat().map((arn) => text(arn).replaceAll(/^:|"/g, ''));
};

test.each(['dev', 'prod'])(
  'the roles of the stage %s trust only the tokens of its jobs in one repository',
  (stage) => {
    const [deployer, reader] = rolesOf(stage);
    for (const [role, subject] of [
      [deployer!, `repo:acme/retail:environment:${stage}`],
      [reader!, 'repo:acme/retail:pull_request'],
    ] as const) {
      expect(role.trust).toEqual([
        {
          Action: 'sts:AssumeRoleWithWebIdentity',
          Effect: 'Allow',
          Principal: { Federated: expect.anything() },
          // No wildcard: StringLike would read one.
          Condition: { StringEquals: { [`${ISSUER}:aud`]: 'sts.amazonaws.com', [`${ISSUER}:sub`]: subject } },
        },
      ]);
      expect(text(role.trust)).toContain(`:iam::123456789012:oidc-provider/${ISSUER}`);
    }
  },
);

test('the subject has the ids of owner and repository if the tokens have them', () => {
  const [deployer] = rolesOf('dev', { 'retail:githubRepository': 'acme@12/retail@345' });
  expect(text(deployer!.trust)).toContain('repo:acme@12/retail@345:environment:dev');
});

test('the deployer may assume three bootstrap roles, and not the execution role of CloudFormation', () => {
  const [deployer] = rolesOf('dev');
  expect(resourcesOf(deployer!)).toEqual(
    assumedRoles(
      'deploy-role-123456789012-eu-central-1',
      'file-publishing-role-123456789012-eu-central-1',
      'lookup-role-123456789012-eu-central-1',
    ),
  );
  expect(text(deployerOf('dev').toJSON())).not.toContain('cfn-exec');
});

test('the reader of a pull request may assume the lookup role only', () => {
  expect(resourcesOf(rolesOf('dev')[1]!)).toEqual(assumedRoles('lookup-role-123456789012-eu-central-1'));
});

test('a backup copy in another region adds the roles of that region', () => {
  const [deployer] = rolesOf('prod', { 'retail:backupCopyRegion': 'eu-west-1' });
  expect(resourcesOf(deployer!)).toHaveLength(6);
  expect(resourcesOf(deployer!)).toEqual(
    expect.arrayContaining(assumedRoles('deploy-role-123456789012-eu-west-1')),
  );
});

test('the stack has these two roles and nothing that stages share', () => {
  const types = Object.values(deployerOf('dev').toJSON().Resources as Record<string, { Type: string }>).map(
    ({ Type }) => Type,
  );
  expect(types.filter((type) => type !== 'AWS::CDK::Metadata').sort()).toEqual([
    'AWS::IAM::Policy',
    'AWS::IAM::Policy',
    'AWS::IAM::Role',
    'AWS::IAM::Role',
  ]);
  for (const { properties } of rolesOf('dev')) {
    expect(properties).not.toHaveProperty('RoleName');
    expect(properties).not.toHaveProperty('ManagedPolicyArns');
  }
  expect(Object.keys(deployerOf('dev').toJSON().Outputs)).toEqual(['DeployerRoleArn', 'ReaderRoleArn']);
});

test('a stage without a repository has no such stack', () => {
  expect([...templatesOf('dev').keys()]).not.toContain('RetailDeployer');
});

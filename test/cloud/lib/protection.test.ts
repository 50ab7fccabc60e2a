import { describe, expect, test } from 'vitest';
import { synthesizeApp, templatesOf } from '../../support/synthesized-app.ts';

const TYPES_WITH_KEY = {
  'AWS::S3::Bucket': (properties: Record<string, unknown>) => JSON.stringify(properties.BucketEncryption),
  'AWS::SQS::Queue': ({ KmsMasterKeyId }: Record<string, unknown>) => JSON.stringify(KmsMasterKeyId),
  'AWS::RDS::DBCluster': ({ KmsKeyId }: Record<string, unknown>) => JSON.stringify(KmsKeyId),
  'AWS::SecretsManager::Secret': ({ KmsKeyId }: Record<string, unknown>) => JSON.stringify(KmsKeyId),
  'AWS::Logs::LogGroup': ({ KmsKeyId }: Record<string, unknown>) => JSON.stringify(KmsKeyId),
  'AWS::SNS::Topic': ({ KmsMasterKeyId }: Record<string, unknown>) => JSON.stringify(KmsMasterKeyId),
  'AWS::Backup::BackupVault': ({ EncryptionKeyArn }: Record<string, unknown>) =>
    JSON.stringify(EncryptionKeyArn),
};
/** S3 does not write access logs to a bucket with a customer-managed key. */
const WITHOUT_KEY = /^LogBucket/;

/** Tells for each resource that can have a key, by `stack/logical id`, if it has the key of the stage. */
function keyUses(stage: string, changes: Record<string, unknown> = {}): Map<string, boolean> {
  const uses = new Map<string, boolean>();
  for (const [stack, template] of templatesOf(stage, changes)) {
    for (const [type, keyOf] of Object.entries(TYPES_WITH_KEY)) {
      for (const [id, { Properties }] of Object.entries(template.findResources(type))) {
        if (!WITHOUT_KEY.test(id)) uses.set(`${stack}/${id}`, /Key961B73FD/.test(keyOf(Properties) ?? ''));
      }
    }
  }
  return uses;
}

describe('a stage with a customer-managed key', () => {
  test('encrypts everything with it', () => {
    const uses = keyUses('prod');
    expect(uses.size).toBeGreaterThan(20);
    expect([...uses].filter(([, isUsed]) => !isUsed)).toEqual([]);
  });

  test('has one key, which AWS rotates each year and which outlives the stack', () => {
    const keys = [...templatesOf('prod').values()].flatMap((template) =>
      Object.values(template.findResources('AWS::KMS::Key')),
    );
    expect(keys).toMatchObject([
      { DeletionPolicy: 'RetainExceptOnCreate', Properties: { EnableKeyRotation: true } },
    ]);
  });
});

test('a stage with service keys has no customer-managed key', () => {
  const uses = keyUses('dev', { 'retail:monitoring': true });
  expect([...uses].filter(([, isUsed]) => isUsed)).toEqual([]);
  for (const template of templatesOf('dev').values()) template.resourceCountIs('AWS::KMS::Key', 0);
});

test('buckets and database outlive their stack in every stage, and are protected if the settings ask for it', () => {
  for (const [stage, isProtected] of [
    ['dev', false],
    ['prod', true],
  ] as const) {
    const data = templatesOf(stage).get('RetailData')!;
    for (const bucket of Object.values(data.findResources('AWS::S3::Bucket'))) {
      expect(bucket).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    }
    for (const cluster of Object.values(data.findResources('AWS::RDS::DBCluster'))) {
      expect(cluster).toMatchObject({
        DeletionPolicy: 'Snapshot',
        UpdateReplacePolicy: 'Snapshot',
        Properties: { DeletionProtection: isProtected },
      });
    }
  }
});

test.each([
  ['dev', false],
  ['prod', true],
])('the termination protection of the stacks of %s is %s', (stage, isProtected) => {
  const stacks = synthesizeApp({ stage, 'retail:monitoring': true });
  expect(stacks).toHaveLength(4);
  for (const { id, terminationProtection } of stacks) expect(terminationProtection, id).toBe(isProtected);
});

test('a stage that was deployed without protection, and is then protected, changes in nothing else', () => {
  const release = (settings: Record<string, unknown>) =>
    synthesizeApp({ stage: 'prod', ...settings }).map(({ id, template }) => ({ id, template }));
  const text = JSON.stringify(release({ 'retail:protect': false }));
  const change = ['"DeletionProtection":false', '"DeletionProtection":true'] as const;
  expect(text.split(change[0])).toHaveLength(2);
  expect(JSON.parse(text.replace(...change))).toEqual(JSON.parse(JSON.stringify(release({}))));
});

test('no principal may upload files that are archived or encrypted with another key than that of the stage', () => {
  const denied = (stage: string) =>
    synthesizeApp({ stage })
      .flatMap((stack) => stack.ofType('AWS::S3::BucketPolicy'))
      .flatMap(({ Properties }) => (Properties.PolicyDocument as { Statement: object[] }).Statement)
      .filter((statement) => JSON.stringify(statement).includes('"Action":"s3:PutObject"'))
      .filter((statement) => JSON.stringify(statement).includes('"Effect":"Deny"'));
  const deny = (Sid: string, Condition: object) => ({
    Sid,
    Condition,
    Effect: 'Deny',
    Principal: { AWS: '*' },
    Action: 's3:PutObject',
    Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['UploadBucketD2C1DA78', 'Arn'] }, '/incoming/*']] },
  });
  const unless = (header: string, values: unknown) => ({
    Null: { [`s3:x-amz-${header}`]: 'false' },
    StringNotEquals: { [`s3:x-amz-${header}`]: values },
  });
  const classes = deny(
    'DenyOtherStorageClasses',
    unless('storage-class', ['STANDARD', 'INTELLIGENT_TIERING']),
  );
  const customerKeys = deny('DenyKeysOfTheUploader', {
    Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' },
  });
  const encryption = (name: string) => deny('DenyOtherEncryption', unless('server-side-encryption', name));
  const key = { 'Fn::GetAtt': ['Key961B73FD', 'Arn'] };
  expect(denied('dev')).toEqual([classes, encryption('AES256'), customerKeys]);
  expect(denied('prod')).toEqual([
    classes,
    encryption('aws:kms'),
    deny('DenyOtherKeys', unless('server-side-encryption-aws-kms-key-id', key)),
    customerKeys,
  ]);
});

test('every permission for the key is limited to one service', () => {
  const settings = {
    'retail:region': 'eu-central-1',
    'retail:quicksightPrincipalArn': 'arn:aws:quicksight:eu-central-1:111122223333:group/default/analysts',
  };
  const statements = synthesizeApp({ stage: 'prod', ...settings }).flatMap((stack) =>
    ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) =>
      stack.ofType(type).flatMap(({ Properties }) => {
        const { Statement } = Properties.PolicyDocument as {
          Statement: { Action: string | string[]; Condition?: object }[];
        };
        return Statement.filter(({ Action }) => [Action].flat().some((action) => action.startsWith('kms:')));
      }),
    ),
  );
  expect(statements.length).toBeGreaterThan(10);
  for (const statement of statements) expect(JSON.stringify(statement.Condition)).toContain('kms:ViaService');
});

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
/** S3 writes its access logs to no bucket with a key of ours. */
const WITHOUT_KEY = /^LogBucket/;

/** Whether each resource that can have a key has that of the stage, `stack/logical id`. */
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

describe('a stage with a key of its own', () => {
  test('encrypts everything that it keeps with it', () => {
    const uses = keyUses('prod');
    expect(uses.size).toBeGreaterThan(20);
    expect([...uses].filter(([, isUsed]) => !isUsed)).toEqual([]);
  });

  test('has one, which AWS changes each year and which outlives the stack', () => {
    const keys = [...templatesOf('prod').values()].flatMap((template) =>
      Object.values(template.findResources('AWS::KMS::Key')),
    );
    expect(keys).toMatchObject([
      { DeletionPolicy: 'RetainExceptOnCreate', Properties: { EnableKeyRotation: true } },
    ]);
  });
});

test('a stage with service keys has none of its own, which would cost', () => {
  const uses = keyUses('dev', { 'retail:monitoring': true });
  expect([...uses].filter(([, isUsed]) => isUsed)).toEqual([]);
  for (const template of templatesOf('dev').values()) template.resourceCountIs('AWS::KMS::Key', 0);
});

test('what holds data outlives its stack in every stage, and is protected where the settings say so', () => {
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
])('whether stacks can be deleted is as the settings say: those of %s %s', (stage, isProtected) => {
  const stacks = synthesizeApp({ stage, 'retail:monitoring': true });
  expect(stacks).toHaveLength(4);
  for (const { id, terminationProtection } of stacks) expect(terminationProtection, id).toBe(isProtected);
});

test('whoever may use the key, may through one service alone', () => {
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

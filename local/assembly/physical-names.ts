import { createHash } from 'node:crypto';
import { ACCOUNT, REGION, type Resource, type ResourceValues } from './template.ts';

/** Names a resource within the 63 characters of a bucket name; a hash replaces the characters above them. */
export function nameOf({ stackName, logicalId }: Resource): string {
  const name = `${stackName}-${logicalId}`.toLowerCase();
  if (name.length <= 63) return name;
  return `${name.slice(0, 54)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

export function arn(service: string, path: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${path}`;
}

/** Values of `Ref` and `Fn::GetAtt`, by resource type. @param endpoint URL of the gateway */
export function valuesAt(endpoint: string): Record<string, ResourceValues> {
  const secretArn = (resource: Resource) => arn('secretsmanager', `secret:${nameOf(resource)}`);
  const functionArn = (resource: Resource) => arn('lambda', `function:${nameOf(resource)}`);
  return {
    'AWS::S3::Bucket': { ref: nameOf, attributes: { Arn: (bucket) => `arn:aws:s3:::${nameOf(bucket)}` } },
    'AWS::SQS::Queue': {
      ref: (queue) => `${endpoint}/${ACCOUNT}/${nameOf(queue)}`,
      attributes: { Arn: (queue) => arn('sqs', nameOf(queue)), QueueName: nameOf },
    },
    'AWS::Lambda::Function': { ref: nameOf, attributes: { Arn: functionArn } },
    'AWS::Lambda::Version': {
      ref: (version, assembly) =>
        `${arn('lambda', `function:${assembly.property(version, 'FunctionName')}`)}:1`,
    },
    'AWS::Events::Rule': {
      ref: nameOf,
      attributes: { Arn: (rule) => arn('events', `rule/${nameOf(rule)}`) },
    },
    'AWS::KMS::Key': { ref: nameOf, attributes: { Arn: (key) => arn('kms', `key/${nameOf(key)}`) } },
    'AWS::IAM::Role': {
      ref: nameOf,
      attributes: { Arn: (role) => `arn:aws:iam::${ACCOUNT}:role/${nameOf(role)}` },
    },
    'AWS::IAM::ManagedPolicy': {
      ref: (policy, assembly) => {
        const path = assembly.property<string>(policy, 'Path') ?? '/';
        const name = assembly.property<string>(policy, 'ManagedPolicyName') ?? nameOf(policy);
        return `arn:aws:iam::${ACCOUNT}:policy${path}${name}`;
      },
    },
    'AWS::Logs::LogGroup': {
      ref: nameOf,
      attributes: { Arn: (group) => `${arn('logs', `log-group:${nameOf(group)}`)}:*` },
    },
    'AWS::SecretsManager::Secret': { ref: secretArn },
    'AWS::SecretsManager::SecretTargetAttachment': {
      ref: (attachment, assembly) => assembly.property<string>(attachment, 'SecretId')!,
    },
    'AWS::RDS::DBCluster': { ref: nameOf },
    'AWS::SNS::Topic': { ref: (topic) => arn('sns', nameOf(topic)) },
  };
}

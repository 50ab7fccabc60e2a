import { createHash } from 'node:crypto';
import { ACCOUNT, REGION, type Resource, type ResourceValues } from './template.ts';

/** Names a resource within the 63 characters of a bucket name; a hash replaces the characters above them. */
export function nameOf({ stackName, logicalId }: Pick<Resource, 'stackName' | 'logicalId'>): string {
  const name = `${stackName}-${logicalId}`.toLowerCase();
  if (name.length <= 63) return name;
  return `${name.slice(0, 54)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

/** Creates the id of an API or of a part of one: ten letters and digits, as API Gateway's are. */
function apiIdOf({ stackName, logicalId }: Resource): string {
  return createHash('sha256').update(`${stackName} ${logicalId}`).digest('hex').slice(0, 10);
}

/** Beginning of the paths under which the gateway serves APIs: no bucket has such a name. */
export const API_PATH = '/_api/';

export function arn(service: string, path: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${path}`;
}

/** Returns the id of a resource in CloudFormation's lists: its `Ref`, or a name for a type that nothing refers to. */
export function physicalIdOf(resource: Resource, values: Readonly<Record<string, ResourceValues>>): string {
  return (values[resource.type]?.ref ?? nameOf)(resource);
}

/** Values of `Ref` and `Fn::GetAtt`, by resource type. @param endpoint URL of the gateway */
export function valuesAt(endpoint: string): Record<string, ResourceValues> {
  const named = (toArn: (name: string) => string): ResourceValues => ({
    ref: nameOf,
    attributes: { Arn: (resource) => toArn(nameOf(resource)) },
  });
  const part: ResourceValues = { ref: apiIdOf };
  return {
    'AWS::ApiGatewayV2::Api': {
      ref: apiIdOf,
      attributes: {
        ApiEndpoint(api) {
          const isSocket = api.property('ProtocolType') === 'WEBSOCKET';
          return `${isSocket ? endpoint.replace(/^http/, 'ws') : endpoint}${API_PATH}${apiIdOf(api)}`;
        },
      },
    },
    'AWS::ApiGatewayV2::Authorizer': part,
    'AWS::ApiGatewayV2::Integration': part,
    'AWS::ApiGatewayV2::Route': part,
    'AWS::ApiGatewayV2::Stage': { ref: (stage) => stage.property('StageName')! },
    'AWS::S3::Bucket': named((name) => `arn:aws:s3:::${name}`),
    'AWS::SQS::Queue': {
      ref: (queue) => `${endpoint}/${ACCOUNT}/${nameOf(queue)}`,
      attributes: { Arn: (queue) => arn('sqs', nameOf(queue)), QueueName: nameOf },
    },
    'AWS::Lambda::Function': named((name) => arn('lambda', `function:${name}`)),
    'AWS::Lambda::Version': {
      ref: (version) => `${arn('lambda', `function:${version.property('FunctionName')}`)}:1`,
    },
    'AWS::Events::Rule': named((name) => arn('events', `rule/${name}`)),
    'AWS::KMS::Key': named((name) => arn('kms', `key/${name}`)),
    'AWS::IAM::Role': named((name) => `arn:aws:iam::${ACCOUNT}:role/${name}`),
    'AWS::IAM::ManagedPolicy': {
      ref: (policy) => {
        const name = policy.property('ManagedPolicyName') ?? nameOf(policy);
        return `arn:aws:iam::${ACCOUNT}:policy${policy.property('Path') ?? '/'}${name}`;
      },
    },
    'AWS::Logs::LogGroup': named((name) => `${arn('logs', `log-group:${name}`)}:*`),
    'AWS::SecretsManager::Secret': { ref: (secret) => arn('secretsmanager', `secret:${nameOf(secret)}`) },
    'AWS::SecretsManager::SecretTargetAttachment': {
      ref: (attachment) => attachment.property('SecretId')!,
    },
    'AWS::RDS::DBCluster': { ref: nameOf },
    'AWS::Cognito::UserPool': { ref: nameOf },
    'AWS::Cognito::UserPoolClient': { ref: nameOf },
    'AWS::Cognito::UserPoolDomain': { ref: nameOf },
    'AWS::CloudWatch::Alarm': { ref: (alarm) => alarm.property('AlarmName')! },
    'AWS::SNS::Topic': { ref: (topic) => arn('sns', nameOf(topic)) },
  };
}

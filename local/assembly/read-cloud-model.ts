import type { CloudModel } from './cloud-model.ts';
import { LEFT_OUT_FUNCTIONS, LEFT_OUT_TYPES } from './left-out.ts';
import { valuesAt } from './physical-names.ts';
import * as functions from './readers/function-readers.ts';
import * as policies from './readers/policy-readers.ts';
import * as storage from './readers/storage-readers.ts';
import { Assembly, type Resource } from './template.ts';

/** Resource types that are read as a part of another resource. */
const PART_TYPES = ['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::SecretsManager::SecretTargetAttachment'];

/**
 * Reads an assembly.
 * @param endpoint URL of the gateway, which is part of queue URLs
 * @param leftOutStacks stacks to skip, by their ids
 * @throws {Error} naming the first resource that the local cloud neither runs nor leaves out
 */
export async function readCloudModel(
  assemblyDir: string,
  endpoint: string,
  leftOutStacks: Readonly<Record<string, string>> = {},
): Promise<CloudModel> {
  const assembly = await Assembly.load(assemblyDir, valuesAt(endpoint), Object.keys(leftOutStacks));
  const known = new Set(PART_TYPES);
  const read = <Model>(
    type: string,
    reader: (assembly: Assembly, resource: Resource) => Model[],
  ): Model[] => {
    known.add(type);
    return assembly
      .ofType(type)
      .filter(isOurs)
      .flatMap((resource) => reader(assembly, resource));
  };
  const model: CloudModel = {
    functions: read('AWS::Lambda::Function', functions.readFunction),
    queues: read('AWS::SQS::Queue', storage.readQueue),
    buckets: read('AWS::S3::Bucket', storage.readBucket),
    telemetry: read('AWS::Lambda::Function', functions.readTelemetry),
    encryptions: [
      ...read('AWS::S3::Bucket', storage.readBucketKey),
      ...read('AWS::SQS::Queue', storage.readQueueKey),
      ...read('AWS::SecretsManager::Secret', storage.readSecretKey),
    ],
    managedPolicies: read('AWS::IAM::ManagedPolicy', policies.readManagedPolicy),
    resourcePolicies: [
      ...read('AWS::SQS::QueuePolicy', policies.readQueuePolicy),
      ...read('AWS::S3::BucketPolicy', policies.readBucketPolicy),
      ...read('AWS::Lambda::Permission', policies.readPermission),
      ...read('AWS::KMS::Key', policies.readKey),
    ],
    eventSources: read('AWS::Lambda::EventSourceMapping', functions.readEventSource),
    notifications: read('Custom::S3BucketNotifications', storage.readNotifications),
    schedules: read('AWS::Events::Rule', functions.readSchedule),
    secrets: read('AWS::SecretsManager::Secret', storage.readSecret),
    rotations: read('AWS::SecretsManager::RotationSchedule', storage.readRotation),
    clusters: read('AWS::RDS::DBCluster', storage.readCluster),
    triggers: read('Custom::Trigger', functions.readTrigger),
    stacks: assembly.stacks(),
  };
  for (const { type, logicalId, stackName } of assembly.resources) {
    if (!known.has(type) && LEFT_OUT_TYPES[type] === undefined) {
      throw new Error(
        `the local cloud does not know ${type} (${logicalId} of stack ${stackName}): add a reader for it, or name it in local/assembly/left-out.ts`,
      );
    }
  }
  return model;
}

function isOurs({ logicalId }: Resource): boolean {
  return !Object.keys(LEFT_OUT_FUNCTIONS).some((prefix) => logicalId.startsWith(prefix));
}

import type { CloudModel } from './cloud-model.ts';
import { LEFT_OUT_FUNCTIONS, LEFT_OUT_TYPES } from './left-out.ts';
import { valuesAt } from './physical-names.ts';
import * as readers from './resource-readers.ts';
import { Assembly, type Resource } from './template.ts';

/** Types that are read together with another one. */
const PART_TYPES = ['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::SecretsManager::SecretTargetAttachment'];

/**
 * Reads an assembly.
 * @param endpoint where the gateway will listen: it is part of queue URLs
 * @throws {Error} where the assembly has something that the local cloud neither runs nor knowingly leaves out
 */
export async function readCloudModel(assemblyDir: string, endpoint: string): Promise<CloudModel> {
  const assembly = await Assembly.load(assemblyDir, valuesAt(endpoint));
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
    functions: read('AWS::Lambda::Function', readers.readFunction),
    queues: read('AWS::SQS::Queue', readers.readQueue),
    buckets: read('AWS::S3::Bucket', readers.readBucket),
    telemetry: read('AWS::Lambda::Function', readers.readTelemetry),
    encryptions: [
      ...read('AWS::S3::Bucket', readers.readBucketKey),
      ...read('AWS::SQS::Queue', readers.readQueueKey),
      ...read('AWS::SecretsManager::Secret', readers.readSecretKey),
    ],
    managedPolicies: read('AWS::IAM::ManagedPolicy', readers.readManagedPolicy),
    resourcePolicies: [
      ...read('AWS::SQS::QueuePolicy', readers.readQueuePolicy),
      ...read('AWS::S3::BucketPolicy', readers.readBucketPolicy),
      ...read('AWS::Lambda::Permission', readers.readPermission),
      ...read('AWS::KMS::Key', readers.readKey),
    ],
    eventSources: read('AWS::Lambda::EventSourceMapping', readers.readEventSource),
    notifications: read('Custom::S3BucketNotifications', readers.readNotifications),
    schedules: read('AWS::Events::Rule', readers.readSchedule),
    secrets: read('AWS::SecretsManager::Secret', readers.readSecret),
    rotations: read('AWS::SecretsManager::RotationSchedule', readers.readRotation),
    clusters: read('AWS::RDS::DBCluster', readers.readCluster),
    triggers: read('Custom::Trigger', readers.readTrigger),
    stacks: assembly.stacks(),
  };
  for (const { type, logicalId, stackName } of assembly.resources) {
    if (!known.has(type) && LEFT_OUT_TYPES[type] === undefined) {
      throw new Error(
        `the local cloud does not know ${type} (${logicalId} of stack ${stackName}): teach it, or name it in local/assembly/left-out.ts`,
      );
    }
  }
  return model;
}

function isOurs({ logicalId }: Resource): boolean {
  return !Object.keys(LEFT_OUT_FUNCTIONS).some((prefix) => logicalId.startsWith(prefix));
}

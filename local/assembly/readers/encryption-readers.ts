import type { EncryptionModel } from '../cloud-model.ts';
import type { Assembly, Resource } from '../template.ts';

interface BucketEncryption {
  readonly ServerSideEncryptionConfiguration: {
    readonly ServerSideEncryptionByDefault: { readonly KMSMasterKeyID?: string };
  }[];
}

export function readBucketKey(assembly: Assembly, resource: Resource): EncryptionModel[] {
  const encryption = assembly.property<BucketEncryption>(resource, 'BucketEncryption');
  const byDefault = encryption?.ServerSideEncryptionConfiguration[0]?.ServerSideEncryptionByDefault;
  return encryptionOf(assembly.attribute(resource, 'Arn'), byDefault?.KMSMasterKeyID);
}

export function readQueueKey(assembly: Assembly, resource: Resource): EncryptionModel[] {
  return encryptionOf(assembly.attribute(resource, 'Arn'), assembly.property(resource, 'KmsMasterKeyId'));
}

export function readSecretKey(assembly: Assembly, resource: Resource): EncryptionModel[] {
  return encryptionOf(assembly.ref(resource), assembly.property(resource, 'KmsKeyId'));
}

function encryptionOf(resourceArn: string, keyArn: string | undefined): EncryptionModel[] {
  return keyArn === undefined ? [] : [{ resourceArn, keyArn }];
}

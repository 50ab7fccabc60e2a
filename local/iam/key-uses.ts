/**
 * Actions on the key that encrypts a resource, by the action on the resource (S3 user guide, "Using server-side encryption with AWS
 * KMS keys"; SQS developer guide, "Key management"; Secrets Manager user guide, "Secret encryption and decryption").
 */
const KEY_USES: Readonly<Record<string, readonly string[]>> = {
  's3:GetObject': ['kms:Decrypt'],
  's3:GetObjectVersion': ['kms:Decrypt'],
  's3:PutObject': ['kms:GenerateDataKey'],
  'sqs:SendMessage': ['kms:GenerateDataKey', 'kms:Decrypt'],
  'sqs:ReceiveMessage': ['kms:Decrypt'],
  'secretsmanager:GetSecretValue': ['kms:Decrypt'],
  'secretsmanager:PutSecretValue': ['kms:GenerateDataKey', 'kms:Decrypt'],
};

/** @param action such as `s3:GetObject` @returns actions on the key, none if the action does not use it */
export function keyUsesOf(action: string): readonly string[] {
  return KEY_USES[action] ?? [];
}

import { ArnFormat, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { INCOMING_PREFIX } from '../../lambdas/core/upload-key.ts';
import type { DataStack } from '../data/data-stack.ts';
import { keyStatements } from '../data/stage-key.ts';
import type { StepQueue } from '../pipeline/step-queue.ts';

export interface OperatorAccessProps {
  readonly data: DataStack;
  readonly uploads: StepQueue;
  readonly rows: StepQueue;
}

/** A policy for operators: exactly the permissions that `retail … --stage` needs. */
export class OperatorAccess extends Construct {
  /** Includes the use of the stage's key, if it has one. */
  readonly policy: ManagedPolicy;

  constructor(scope: Construct, id: string, { data, uploads, rows }: OperatorAccessProps) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    this.policy = new ManagedPolicy(this, 'Policy', {
      description: `Lets an operator use the commands of retail with the stacks ${data.stackName} and ${stackName}.`,
    });
    this.#allow(
      ['cloudformation:DescribeStacks'],
      [this.#stackArn(data.stackName), this.#stackArn(stackName)],
    );
    this.#allowUploads(data);
    this.#allowQueues(uploads, rows);
    this.#allow(['rds-data:ExecuteStatement'], [data.database.cluster.clusterArn]);
    this.#allow(['secretsmanager:GetSecretValue'], [data.database.secrets.analyst.secretArn]);
    this.policy.addStatements(
      ...keyStatements(data.key, 's3', 'write'),
      ...keyStatements(data.key, 'sqs', 'write'),
      ...keyStatements(data.key, 'secretsmanager', 'read'),
    );
  }

  /** `load` and `import-history` put objects; `verify` and `replay` list them. */
  #allowUploads({ uploadBucket }: DataStack): void {
    this.#allow(
      ['s3:PutObject', 's3:AbortMultipartUpload'],
      [uploadBucket.arnForObjects(`${INCOMING_PREFIX}*`)],
    );
    this.#allow(['s3:ListBucketVersions'], [uploadBucket.bucketArn], {
      StringLike: { 's3:prefix': `${INCOMING_PREFIX}*` },
    });
  }

  /** `replay` sends to the parser; `dlq` reads dead letters, and `redrive` returns them. */
  #allowQueues(uploads: StepQueue, rows: StepQueue): void {
    this.#allow(['sqs:SendMessage'], [uploads.queue.queueArn, rows.queue.queueArn]);
    this.#allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
      [uploads.deadLetterQueue.queueArn, rows.deadLetterQueue.queueArn],
    );
  }

  #allow(actions: string[], resources: string[], conditions?: Record<string, Record<string, string>>): void {
    this.policy.addStatements(
      new PolicyStatement({ actions, resources, ...(conditions === undefined ? {} : { conditions }) }),
    );
  }

  /** CloudFormation appends an id to the ARN of a stack, a new one each time the stack is created. */
  #stackArn(stackName: string): string {
    return Stack.of(this).formatArn({
      service: 'cloudformation',
      resource: 'stack',
      resourceName: `${stackName}/*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }
}

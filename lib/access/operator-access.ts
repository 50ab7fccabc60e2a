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

/** What `retail … --stage` needs, and no more, as a policy to attach to whoever operates the stage. */
export class OperatorAccess extends Construct {
  /** Where the stage encrypts with a key of its own, what an operator may do with that key is added here. */
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

  /** `load` and `import-history` put; `verify` and `replay` list. */
  #allowUploads({ uploadBucket }: DataStack): void {
    this.#allow(
      ['s3:PutObject', 's3:AbortMultipartUpload'],
      [uploadBucket.arnForObjects(`${INCOMING_PREFIX}*`)],
    );
    this.#allow(['s3:ListBucketVersions'], [uploadBucket.bucketArn], {
      StringLike: { 's3:prefix': `${INCOMING_PREFIX}*` },
    });
  }

  /** `replay` sends to the parser; `dlq` looks at dead letters, and `redrive` sends them back. */
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

  /** CloudFormation ends the ARN of a stack with an id that is new each time the stack is created. */
  #stackArn(stackName: string): string {
    return Stack.of(this).formatArn({
      service: 'cloudformation',
      resource: 'stack',
      resourceName: `${stackName}/*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }
}

import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type OutputsOf, STACK_OUTPUTS } from '../lambdas/contract/stack-outputs.ts';
import type { DataStack } from './data-stack.ts';
import { LoadStage } from './load-stage.ts';
import { OperatorAccess } from './operator-access.ts';
import { ParseStage } from './parse-stage.ts';
import { Rotation } from './rotation.ts';
import { Schema } from './schema.ts';
import type { Settings } from './settings/read-settings.ts';
import { SweepStage } from './sweep-stage.ts';
import { VerifyStage } from './verify-stage.ts';

export interface PipelineStackProps extends StackProps {
  readonly settings: Settings;
  readonly data: DataStack;
}

/** What can be deployed again at will: the functions and their queues. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    super(scope, id, props);
    const { settings, data } = props;
    const { key, database, uploadBucket } = data;
    const load = new LoadStage(this, 'Load', { settings, key, database });
    const parse = new ParseStage(this, 'Parse', { settings, key, uploadBucket, rows: load.rows });
    const sweep = new SweepStage(this, 'Sweep', {
      settings,
      key,
      database,
      uploadBucket,
      uploads: parse.uploads,
    });
    const verify = new VerifyStage(this, 'Verify', { settings, key, database });
    const rotation = new Rotation(this, 'Rotation', { settings, key, database });
    // No secret is rotated before the database has its roles, and the function that sets their passwords.
    const dependents = [load.consumer, sweep.sweeper, verify.verifier, rotation];
    new Schema(this, 'Schema', { settings, key, database, dependents });
    const operator = new OperatorAccess(this, 'Operator', { data, uploads: parse.uploads, rows: load.rows });
    const outputs: OutputsOf<'pipeline'> = {
      parserRevision: parse.revision,
      uploadQueueUrl: parse.uploads.queue.queueUrl,
      uploadDeadLetterQueueUrl: parse.uploads.deadLetterQueue.queueUrl,
      rowQueueUrl: load.rows.queue.queueUrl,
      rowDeadLetterQueueUrl: load.rows.deadLetterQueue.queueUrl,
      operatorPolicyArn: operator.policy.managedPolicyArn,
    };
    for (const [key, value] of Object.entries(outputs)) {
      new CfnOutput(this, STACK_OUTPUTS.pipeline[key as keyof typeof outputs], { value });
    }
  }
}

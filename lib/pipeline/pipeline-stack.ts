import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type OutputsOf, STACK_OUTPUTS } from '../../lambdas/shared/stacks.ts';
import { OperatorAccess } from '../access/operator-access.ts';
import type { DataStack } from '../data/data-stack.ts';
import { Rotation } from '../data/rotation.ts';
import { Schema } from '../data/schema.ts';
import type { Settings } from '../settings/read-settings.ts';
import { LoadStage } from './load-step.ts';
import { ParseStage } from './parse-step.ts';
import { SweepStage } from './sweep-step.ts';
import { VerifyStage } from './verify-step.ts';

export interface PipelineStackProps extends StackProps {
  readonly settings: Settings;
  readonly data: DataStack;
}

/** What can be deployed again at will: the functions and their queues. */
export class PipelineStack extends Stack {
  readonly parse: ParseStage;
  readonly load: LoadStage;
  readonly sweep: SweepStage;
  readonly verify: VerifyStage;
  readonly rotation: Rotation;
  readonly schema: Schema;

  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    super(scope, id, props);
    const { settings, data } = props;
    const { key, database, uploadBucket } = data;
    const common = { settings, key, database };
    this.load = new LoadStage(this, 'Load', common);
    const { rows } = this.load;
    this.parse = new ParseStage(this, 'Parse', { settings, key, uploadBucket, rows });
    const { uploads } = this.parse;
    this.sweep = new SweepStage(this, 'Sweep', { ...common, uploadBucket, uploads });
    this.verify = new VerifyStage(this, 'Verify', common);
    this.rotation = new Rotation(this, 'Rotation', common);
    // No secret is rotated before the database has its roles, and the function that sets their passwords.
    const dependents = [this.load.consumer, this.sweep.sweeper, this.verify.verifier, this.rotation];
    this.schema = new Schema(this, 'Schema', { ...common, dependents });
    const operator = new OperatorAccess(this, 'Operator', { data, uploads, rows });
    const outputs: OutputsOf<'pipeline'> = {
      parserRevision: this.parse.revision,
      uploadQueueUrl: uploads.queue.queueUrl,
      uploadDeadLetterQueueUrl: uploads.deadLetterQueue.queueUrl,
      rowQueueUrl: rows.queue.queueUrl,
      rowDeadLetterQueueUrl: rows.deadLetterQueue.queueUrl,
      operatorPolicyArn: operator.policy.managedPolicyArn,
    };
    for (const [key, value] of Object.entries(outputs)) {
      new CfnOutput(this, STACK_OUTPUTS.pipeline[key as keyof typeof outputs], { value });
    }
  }
}

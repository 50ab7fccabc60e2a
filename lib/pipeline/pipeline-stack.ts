import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { createOperatorPolicy } from '../access/operator-policy.ts';
import { ApiStep } from '../api/api-step.ts';
import { addOutputs, type DataStack } from '../data/data-stack.ts';
import { limitLogsOfCustomResources, PipelineFunction } from './function.ts';
import { LoadStep } from './load-step.ts';
import { MigrateStep } from './migrate-step.ts';
import { NotifyStep } from './notify-step.ts';
import { ParseStep } from './parse-step.ts';
import { RotateStep } from './rotate-step.ts';
import { SweepStep } from './sweep-step.ts';
import { VerifyStep } from './verify-step.ts';

/** The functions and their queues: everything that can be deployed again without losing data. */
export class PipelineStack extends Stack {
  readonly parse: ParseStep;
  readonly load: LoadStep;
  readonly notify: NotifyStep;
  /** Undefined in a stage without the API. */
  readonly api: ApiStep | undefined;

  constructor(scope: Construct, id: string, props: StackProps, data: DataStack) {
    super(scope, id, props);
    this.notify = new NotifyStep(this, 'Notify', data);
    const { notices, notifier } = this.notify;
    this.load = new LoadStep(this, 'Load', data, notices);
    const { rows } = this.load;
    this.parse = new ParseStep(this, 'Parse', data, rows);
    const { uploads } = this.parse;
    const { sweeper } = new SweepStep(this, 'Sweep', data, uploads, notices);
    const { verifier } = new VerifyStep(this, 'Verify', data, this.parse.revision);
    const rotate = new RotateStep(this, 'Rotate', data);
    this.api = data.settings.api ? new ApiStep(this, 'Api', data, this.parse, { rows, notices }) : undefined;
    // No secret is rotated before the migration has created the roles and set their passwords.
    const dependents = [
      this.load.loader,
      notifier,
      sweeper,
      verifier,
      rotate,
      ...(this.api ? [this.api.handler] : []),
    ];
    new MigrateStep(this, 'Migrate', data, dependents);
    limitLogsOfCustomResources(this, data);
    const operatorPolicy = createOperatorPolicy(this, data, { uploads, rows, notices, api: this.api });
    addOutputs(this, 'pipeline', {
      parserRevision: this.parse.revision,
      uploadQueueUrl: uploads.queue.queueUrl,
      uploadDeadLetterQueueUrl: uploads.deadLetterQueue.queueUrl,
      rowQueueUrl: rows.queue.queueUrl,
      rowDeadLetterQueueUrl: rows.deadLetterQueue.queueUrl,
      noticeQueueUrl: notices.queue.queueUrl,
      noticeDeadLetterQueueUrl: notices.deadLetterQueue.queueUrl,
      operatorPolicyArn: operatorPolicy.managedPolicyArn,
    });
  }

  get functions(): readonly PipelineFunction[] {
    return this.node.findAll().filter((construct) => construct instanceof PipelineFunction);
  }
}

import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DataStack } from './data-stack.ts';
import { LoadStage } from './load-stage.ts';
import { ParseStage } from './parse-stage.ts';
import { Schema } from './schema.ts';
import type { Settings } from './settings.ts';

export interface PipelineStackProps extends StackProps {
  readonly settings: Settings;
  readonly data: DataStack;
}

/** What can be deployed again at will: the functions and their queues. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    super(scope, id, props);
    const { settings, data } = props;
    const load = new LoadStage(this, 'Load', { settings, database: data.database });
    new ParseStage(this, 'Parse', { settings, uploadBucket: data.uploadBucket, rowQueue: load.rows.queue });
    new Schema(this, 'Schema', { settings, database: data.database, dependents: [load.consumer] });
  }
}

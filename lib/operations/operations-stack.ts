import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { DataStack } from '../data/data-stack.ts';
import type { PipelineStack } from '../pipeline/pipeline-stack.ts';
import type { Settings } from '../settings/read-settings.ts';
import { Costs } from './costs.ts';
import { monitorStage } from './monitor-stage.ts';

export interface OperationsStackProps extends StackProps {
  readonly settings: Settings;
  readonly data: DataStack;
  readonly pipeline: PipelineStack;
}

/** What watches over the other stacks, and tells people. */
export class OperationsStack extends Stack {
  constructor(scope: Construct, id: string, props: OperationsStackProps) {
    super(scope, id, props);
    const { settings } = props;
    if (settings.monitoring) monitorStage(this, props);
    new Costs(this, 'Costs', { settings });
  }

  /** Whether the settings of a stage want anything of this stack: CloudFormation takes none without a resource. */
  static isWanted({ monitoring, budgetUsdPerMonth, anomalyUsd }: Settings): boolean {
    return monitoring || budgetUsdPerMonth !== undefined || anomalyUsd !== undefined;
  }
}

import { type App, Tags } from 'aws-cdk-lib';
import { stackNameOf } from '../lambdas/contract/stacks.ts';
import { AnalyticsStack } from './analytics-stack.ts';
import { DataStack } from './data-stack.ts';
import { OperationsStack } from './operations-stack.ts';
import { PipelineStack } from './pipeline-stack.ts';
import { readSettings } from './settings/read-settings.ts';

/**
 * The stacks of one stage. Nothing is shared between stages: every name holds the stage's own.
 * @throws {Error} naming each setting that is wrong
 */
export function buildApp(app: App): App {
  const settings = readSettings(app.node);
  const { stage, account, region, protect } = settings;
  const propsOf = (part: Parameters<typeof stackNameOf>[1]) => ({
    stackName: stackNameOf(stage, part),
    env: { ...(account && { account }), ...(region && { region }) },
    settings,
    terminationProtection: protect,
  });
  const data = new DataStack(app, 'RetailData', propsOf('data'));
  const pipeline = new PipelineStack(app, 'RetailPipeline', { ...propsOf('pipeline'), data });
  new AnalyticsStack(app, 'RetailAnalytics', { ...propsOf('analytics'), data, schema: pipeline });
  new OperationsStack(app, 'RetailOperations', { ...propsOf('operations'), data, pipeline });
  Tags.of(app).add('application', 'retail-transactions');
  Tags.of(app).add('stage', stage);
  return app;
}

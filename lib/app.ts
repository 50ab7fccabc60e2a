import { type App, Tags } from 'aws-cdk-lib';
import { stackNameOf } from '../lambdas/shared/stacks.ts';
import { AnalyticsStack } from './analytics/analytics-stack.ts';
import { BackupCopyStack } from './data/backup.ts';
import { DataStack } from './data/data-stack.ts';
import { DeployerStack } from './deployer/deployer-stack.ts';
import { APPLICATION_TAG } from './operations/costs.ts';
import { OperationsStack } from './operations/operations-stack.ts';
import { PipelineStack } from './pipeline/pipeline-stack.ts';
import { readSettings } from './settings/read-settings.ts';

/**
 * Adds the stacks of one stage to an app. Stages share nothing: every name contains the name of the stage.
 * @throws {Error} naming each setting that is wrong
 */
export function buildApp(app: App): App {
  const settings = readSettings(app.node);
  const { stage, account, region, protect, backupCopyRegion, githubRepository } = settings;
  const describeStack = (part: Parameters<typeof stackNameOf>[1]) => ({
    stackName: stackNameOf(stage, part),
    env: { ...(account && { account }), ...(region && { region }) },
    settings,
    terminationProtection: protect,
  });
  const data = new DataStack(app, 'RetailData', describeStack('data'));
  if (backupCopyRegion !== undefined) {
    const props = describeStack('backup-copy');
    const env = { ...props.env, region: backupCopyRegion };
    const copy = new BackupCopyStack(app, 'RetailBackupCopy', { ...props, env });
    data.addStackDependency(copy, 'the backup plan copies to its vault');
  }
  const pipeline = new PipelineStack(app, 'RetailPipeline', describeStack('pipeline'), data);
  if (OperationsStack.isWanted(settings)) {
    new OperationsStack(app, 'RetailOperations', describeStack('operations'), data, pipeline);
  }
  new AnalyticsStack(app, 'RetailAnalytics', describeStack('analytics'), data, pipeline);
  if (githubRepository !== undefined) {
    new DeployerStack(app, 'RetailDeployer', describeStack('deployer'), githubRepository);
  }
  Tags.of(app).add(APPLICATION_TAG.key, APPLICATION_TAG.value);
  Tags.of(app).add('stage', stage);
  return app;
}

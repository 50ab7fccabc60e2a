import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AnalystPolicy } from '../access/analyst-policy.ts';
import type { DataStack } from '../data/data-stack.ts';
import type { Settings } from '../settings/read-settings.ts';
import { DataCatalog } from './data-catalog.ts';
import { QueryWorkgroup } from './query-workgroup.ts';
import { QuickSight } from './quicksight/quicksight.ts';

export interface AnalyticsStackProps extends StackProps {
  readonly settings: Settings;
  readonly data: DataStack;
  /** The stack whose deployment creates the reporting views. */
  readonly schema: Stack;
}

/** Access for analysts: the database with QuickSight, the files with Athena. */
export class AnalyticsStack extends Stack {
  constructor(scope: Construct, id: string, props: AnalyticsStackProps) {
    super(scope, id, props);
    const { settings, data } = props;
    const { key, uploadBucket, database } = data;
    const catalog = new DataCatalog(this, 'Catalog', { settings, uploadBucket });
    const { databaseName } = catalog.database;
    const workgroup = new QueryWorkgroup(this, 'Query', { settings, key, catalogDatabaseName: databaseName });
    const policy = new AnalystPolicy(this, 'Analyst', { catalog, workgroup, uploadBucket, key });
    new CfnOutput(this, 'AthenaWorkgroupName', { value: workgroup.name });
    new CfnOutput(this, 'AnalystPolicyArn', { value: policy.managedPolicyArn });
    const principalArn = settings.quicksightPrincipalArn;
    if (principalArn === undefined) {
      Annotations.of(this).addInfo(
        'QuickSight is omitted: set retail:quicksightPrincipalArn to the ARN of the user or group that can see the dashboard (docs/analytics.md).',
      );
      return;
    }
    this.addStackDependency(
      props.schema,
      'the data sets need the views, and the data source needs its password',
    );
    new QuickSight(this, 'QuickSight', { settings, database, principalArn });
  }
}

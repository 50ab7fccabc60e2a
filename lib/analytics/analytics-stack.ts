import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { createAnalystPolicy } from '../access/analyst-policy.ts';
import type { DataStack } from '../data/data-stack.ts';
import { DataCatalog } from './data-catalog.ts';
import { QueryWorkgroup } from './query-workgroup.ts';
import { Dashboard } from './quicksight/dashboard.ts';
import { DataSets } from './quicksight/data-sets.ts';
import { DataSource, VpcConnection } from './quicksight/data-source.ts';

/** Access for analysts: the database with QuickSight, the files with Athena. */
export class AnalyticsStack extends Stack {
  /** @param schema the stack whose deployment creates the reporting views */
  constructor(scope: Construct, id: string, props: StackProps, data: DataStack, schema: Stack) {
    super(scope, id, props);
    const catalog = new DataCatalog(this, 'Catalog', data);
    const workgroup = new QueryWorkgroup(this, 'Query', data, catalog.database.databaseName);
    const policy = createAnalystPolicy(this, data, catalog, workgroup);
    new CfnOutput(this, 'AthenaWorkgroupName', { value: workgroup.name });
    new CfnOutput(this, 'AnalystPolicyArn', { value: policy.managedPolicyArn });
    const principalArn = data.settings.quicksightPrincipalArn;
    if (principalArn === undefined) {
      Annotations.of(this).addInfo(
        'QuickSight is omitted: set retail:quicksightPrincipalArn to the ARN of the user or group that can see the dashboard (docs/analytics.md).',
      );
      return;
    }
    this.addStackDependency(schema, 'the data sets need the views, and the data source needs its password');
    // Aurora PostgreSQL → VPC connection → data source → data sets → dashboard.
    const quickSight = new Construct(this, 'QuickSight');
    const shared = { data, principalArn, idPrefix: `retail-${data.settings.stage}` };
    const connection = new VpcConnection(quickSight, 'VpcConnection', shared);
    const dataSource = new DataSource(quickSight, 'DataSource', shared, connection);
    const dataSets = new DataSets(quickSight, 'DataSets', shared, dataSource);
    new Dashboard(quickSight, 'Dashboard', shared, dataSets);
  }
}

import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { AnalystPolicy } from '../access/analyst-policy.ts';
import type { DataStack } from '../data/data-stack.ts';
import type { Database } from '../data/database.ts';
import type { Settings } from '../settings/read-settings.ts';
import { DataCatalog } from './data-catalog.ts';
import { QueryWorkgroup } from './query-workgroup.ts';
import { Dashboard } from './quicksight/dashboard.ts';
import { DataSets } from './quicksight/data-sets.ts';
import { DataSource } from './quicksight/data-source.ts';
import { VpcConnection } from './quicksight/vpc-connection.ts';

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
    this.#addQuickSight(settings, database, principalArn);
  }

  /** Aurora PostgreSQL → VPC connection → data source → data sets → dashboard. */
  #addQuickSight(settings: Settings, database: Database, principalArn: string): void {
    const scope = new Construct(this, 'QuickSight');
    const { stage } = settings;
    // An account lists the resources of all stages together.
    const idPrefix = `retail-${stage}`;
    const connection = new VpcConnection(scope, 'VpcConnection', { idPrefix, database });
    const dataSource = new DataSource(scope, 'DataSource', { idPrefix, database, connection, principalArn });
    const dataSets = new DataSets(scope, 'DataSets', { settings, idPrefix, dataSource, principalArn });
    new Dashboard(scope, 'Dashboard', { stage, idPrefix, dataSets, principalArn });
  }
}

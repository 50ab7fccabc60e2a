import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { AnalystPolicy } from '../access/analyst-policy.ts';
import type { DataStack } from '../data/data-stack.ts';
import { DataCatalog } from './data-catalog.ts';
import { QueryWorkgroup } from './query-workgroup.ts';
import { Dashboard } from './quicksight/dashboard.ts';
import { DataSets } from './quicksight/data-sets.ts';
import { DataSource } from './quicksight/data-source.ts';
import { VpcConnection } from './quicksight/vpc-connection.ts';

export interface AnalyticsStackProps extends StackProps {
  readonly data: DataStack;
  /** The stack whose deployment creates the reporting views. */
  readonly schema: Stack;
}

/** Access for analysts: the database with QuickSight, the files with Athena. */
export class AnalyticsStack extends Stack {
  constructor(scope: Construct, id: string, props: AnalyticsStackProps) {
    super(scope, id, props);
    const { data, schema } = props;
    const catalog = new DataCatalog(this, 'Catalog', data);
    const { databaseName } = catalog.database;
    const workgroup = new QueryWorkgroup(this, 'Query', { data, catalogDatabaseName: databaseName });
    const policy = new AnalystPolicy(this, 'Analyst', { data, catalog, workgroup });
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
    this.#addQuickSight(data, principalArn);
  }

  /** Aurora PostgreSQL → VPC connection → data source → data sets → dashboard. */
  #addQuickSight(data: DataStack, principalArn: string): void {
    const scope = new Construct(this, 'QuickSight');
    const { stage } = data.settings;
    const { database } = data;
    // An account lists the resources of all stages together.
    const idPrefix = `retail-${stage}`;
    const connection = new VpcConnection(scope, 'VpcConnection', { idPrefix, database });
    const dataSource = new DataSource(scope, 'DataSource', { idPrefix, database, connection, principalArn });
    const dataSets = new DataSets(scope, 'DataSets', { data, idPrefix, dataSource, principalArn });
    new Dashboard(scope, 'Dashboard', { stage, idPrefix, dataSets, principalArn });
  }
}

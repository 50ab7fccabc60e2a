import { Construct } from 'constructs';
import type { Database } from '../../data/database.ts';
import type { Settings } from '../../settings/read-settings.ts';
import { Dashboard } from './dashboard.ts';
import { DataSets } from './data-sets.ts';
import { DataSource } from './data-source.ts';
import { VpcConnection } from './vpc-connection.ts';

export interface QuickSightProps {
  readonly settings: Settings;
  readonly database: Database;
  /** The user or group that can see the dashboard. */
  readonly principalArn: string;
}

/** Aurora PostgreSQL → VPC connection → data source → data sets → dashboard. */
export class QuickSight extends Construct {
  constructor(scope: Construct, id: string, { settings, database, principalArn }: QuickSightProps) {
    super(scope, id);
    // An account lists the resources of all stages together.
    const idPrefix = `retail-${settings.stage}`;
    const vpcConnection = new VpcConnection(this, 'VpcConnection', { connectionId: idPrefix, database });
    const dataSource = new DataSource(this, 'DataSource', {
      dataSourceId: idPrefix,
      database,
      vpcConnection,
      principalArn,
    });
    const dataSets = new DataSets(this, 'DataSets', { settings, idPrefix, dataSource, principalArn });
    new Dashboard(this, 'Dashboard', {
      dashboardId: idPrefix,
      stage: settings.stage,
      dataSets,
      principalArn,
    });
  }
}

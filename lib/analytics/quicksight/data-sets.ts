import { Stack } from 'aws-cdk-lib';
import { CfnDataSet, CfnRefreshSchedule } from 'aws-cdk-lib/aws-quicksight';
import { Construct } from 'constructs';
import type { DataSource, QuickSightProps } from './data-source.ts';
import { INPUT_TYPES, REPORTING_VIEWS, type ReportingView } from './reporting-views.ts';

/** Lets the principal build analyses on a data set and see its SPICE refreshes (QuickSight developer guide, "Permissions"). */
const DATA_SET_ACTIONS = [
  'quicksight:DescribeDataSet',
  'quicksight:DescribeDataSetPermissions',
  'quicksight:PassDataSet',
  'quicksight:DescribeIngestion',
  'quicksight:ListIngestions',
];

/** A data set for each reporting view, which queries the database each time or is copied into SPICE once a day. */
export class DataSets extends Construct {
  readonly byView: Readonly<Record<ReportingView, CfnDataSet>>;

  constructor(scope: Construct, id: string, props: QuickSightProps, dataSource: DataSource) {
    super(scope, id);
    const { idPrefix, principalArn } = props;
    const { quicksightImport, quicksightRefreshTime } = props.data.settings;
    const isSpice = quicksightImport === 'spice';
    const awsAccountId = Stack.of(this).account;
    const entries = Object.entries(REPORTING_VIEWS).map(([view, columns]) => {
      const table = view.replaceAll('_', '-');
      const dataSetId = `${idPrefix}-${table}`;
      const relationalTable = {
        dataSourceArn: dataSource.arn,
        schema: 'reporting',
        name: view,
        inputColumns: Object.entries(columns).map(([name, type]) => ({
          name,
          type: INPUT_TYPES[type],
          // Exact to four decimals. Only SPICE needs it; otherwise the database calculates.
          ...(isSpice && type === 'numeric' && { subType: 'FIXED' }),
        })),
      };
      const dataSet = new CfnDataSet(this, view, {
        awsAccountId,
        dataSetId,
        name: dataSetId,
        importMode: isSpice ? 'SPICE' : 'DIRECT_QUERY',
        physicalTableMap: { [table]: { relationalTable } },
        permissions: [{ principal: principalArn, actions: DATA_SET_ACTIONS }],
      });
      dataSet.node.addDependency(dataSource);
      if (!isSpice) return [view, dataSet];
      const schedule = {
        scheduleId: `${dataSetId}-daily`,
        // An upload can change days that are long past: only a full copy is correct.
        refreshType: 'FULL_REFRESH',
        // The settings require a time for SPICE.
        scheduleFrequency: { interval: 'DAILY', timeOfTheDay: quicksightRefreshTime!, timeZone: 'UTC' },
      };
      const refresh = new CfnRefreshSchedule(this, `${view}-refresh`, { awsAccountId, dataSetId, schedule });
      refresh.node.addDependency(dataSet);
      return [view, dataSet];
    });
    this.byView = Object.fromEntries(entries) as Record<ReportingView, CfnDataSet>;
  }
}

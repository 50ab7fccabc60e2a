import { Stack } from 'aws-cdk-lib';
import { CfnDataSet, CfnRefreshSchedule } from 'aws-cdk-lib/aws-quicksight';
import { Construct } from 'constructs';
import type { Settings } from '../../settings/read-settings.ts';
import type { DataSource } from './data-source.ts';
import { REPORTING_VIEWS, type ReportingView, type ViewColumnType } from './reporting-views.ts';

/** Lets the principal build analyses on a data set and see its SPICE refreshes (QuickSight developer guide, "Permissions"). */
const DATA_SET_ACTIONS = [
  'quicksight:DescribeDataSet',
  'quicksight:DescribeDataSetPermissions',
  'quicksight:PassDataSet',
  'quicksight:DescribeIngestion',
  'quicksight:ListIngestions',
];
const INPUT_TYPES: Record<ViewColumnType, string> = {
  text: 'STRING',
  date: 'DATETIME',
  'timestamp without time zone': 'DATETIME',
  integer: 'INTEGER',
  bigint: 'INTEGER',
  numeric: 'DECIMAL',
};

export interface DataSetsProps {
  readonly settings: Settings;
  readonly idPrefix: string;
  readonly dataSource: DataSource;
  readonly principalArn: string;
}

/** A data set for each reporting view, which queries the database each time or is copied into SPICE once a day. */
export class DataSets extends Construct {
  readonly byView: Readonly<Record<ReportingView, CfnDataSet>>;
  readonly #props: DataSetsProps;

  constructor(scope: Construct, id: string, props: DataSetsProps) {
    super(scope, id);
    this.#props = props;
    const views = Object.keys(REPORTING_VIEWS) as ReportingView[];
    this.byView = Object.fromEntries(views.map((view) => [view, this.#addDataSet(view)])) as Record<
      ReportingView,
      CfnDataSet
    >;
  }

  #addDataSet(view: ReportingView): CfnDataSet {
    const { settings, idPrefix, dataSource, principalArn } = this.#props;
    const isSpice = settings.quicksightImport === 'spice';
    const dataSetId = `${idPrefix}-${view.replaceAll('_', '-')}`;
    const dataSet = new CfnDataSet(this, view, {
      awsAccountId: Stack.of(this).account,
      dataSetId,
      name: dataSetId,
      importMode: isSpice ? 'SPICE' : 'DIRECT_QUERY',
      physicalTableMap: {
        [view.replaceAll('_', '-')]: {
          relationalTable: {
            dataSourceArn: dataSource.resource.attrArn,
            schema: 'reporting',
            name: view,
            inputColumns: inputColumns(REPORTING_VIEWS[view], isSpice),
          },
        },
      },
      permissions: [{ principal: principalArn, actions: DATA_SET_ACTIONS }],
    });
    dataSet.node.addDependency(dataSource);
    if (isSpice) this.#refresh(view, dataSetId, dataSet);
    return dataSet;
  }

  #refresh(view: ReportingView, dataSetId: string, dataSet: CfnDataSet): void {
    const schedule = new CfnRefreshSchedule(this, `${view}-refresh`, {
      awsAccountId: Stack.of(this).account,
      dataSetId,
      schedule: {
        scheduleId: `${dataSetId}-daily`,
        // An upload can change days that are long past: only a full copy is correct.
        refreshType: 'FULL_REFRESH',
        scheduleFrequency: {
          interval: 'DAILY',
          // The settings require it for SPICE.
          timeOfTheDay: this.#props.settings.quicksightRefreshTime!,
          timeZone: 'UTC',
        },
      },
    });
    schedule.node.addDependency(dataSet);
  }
}

function inputColumns(
  columns: Readonly<Record<string, ViewColumnType>>,
  isSpice: boolean,
): CfnDataSet.InputColumnProperty[] {
  return Object.entries(columns).map(([name, type]) => ({
    name,
    type: INPUT_TYPES[type],
    // Exact to four decimals. Only SPICE needs it; otherwise the database calculates.
    ...(isSpice && type === 'numeric' && { subType: 'FIXED' }),
  }));
}

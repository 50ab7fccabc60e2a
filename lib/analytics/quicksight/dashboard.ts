import { Stack } from 'aws-cdk-lib';
import { CfnDashboard } from 'aws-cdk-lib/aws-quicksight';
import { Construct } from 'constructs';
import type { DataSets } from './data-sets.ts';
import { lastDays, someValues } from './filters.ts';
import { mayViewDashboard } from './permissions.ts';
import type { ReportingView } from './reporting-views.ts';
import { largestBars, lineByDay } from './visuals.ts';

const SHEET_ID = 'overview';
const VISUALS = {
  'balance-by-date': lineByDay({
    visualId: 'balance-by-date',
    title: 'Balance by date: sold, bought, SELL − BUY (tax included)',
    view: 'daily_balance',
    category: 'transaction_date',
    values: ['sold', 'bought', 'balance'],
  }),
  // One line for each product of one store: a sum over products that did not move on the same day would be wrong.
  'cumulated-balance': lineByDay({
    visualId: 'cumulated-balance',
    title: 'Cumulated balance of each product, by store',
    view: 'cumulated_balance',
    category: 'transaction_date',
    values: ['cumulated_balance'],
    color: 'product',
    chartOfEach: 'store_id',
  }),
  'top-products': largestBars({
    visualId: 'top-products',
    title: 'Top products: sold, tax included',
    view: 'daily_balance',
    category: 'product',
    values: ['sold'],
    most: 10,
  }),
  'rejects-by-reason': largestBars({
    visualId: 'rejects-by-reason',
    title: 'Rejected rows by reason',
    view: 'rejects_by_reason',
    category: 'code',
    values: ['rows_rejected'],
    color: 'store_id',
    most: 20,
  }),
};
const DATA_SETS_SHOWN: readonly ReportingView[] = ['daily_balance', 'cumulated_balance', 'rejects_by_reason'];
const DEFAULT_DAYS = 90;
const FILTERS = [
  lastDays({
    filterId: 'transaction-date',
    title: 'Transaction date',
    sheetId: SHEET_ID,
    view: 'daily_balance',
    column: 'transaction_date',
    days: DEFAULT_DAYS,
  }),
  lastDays({
    filterId: 'received-on',
    title: 'Dropped on',
    sheetId: SHEET_ID,
    view: 'rejects_by_reason',
    column: 'received_on',
    days: DEFAULT_DAYS,
  }),
  someValues({
    filterId: 'store',
    title: 'Store',
    sheetId: SHEET_ID,
    view: 'daily_balance',
    column: 'store_id',
  }),
  someValues({
    filterId: 'product',
    title: 'Product',
    sheetId: SHEET_ID,
    view: 'daily_balance',
    column: 'product',
  }),
];
/** A grid of QuickSight has 36 columns: two charts beside each other. */
const SPAN = { columnSpan: 18, rowSpan: 12 };

export interface DashboardProps {
  readonly dashboardId: string;
  readonly stage: string;
  readonly dataSets: DataSets;
  readonly principalArn: string;
}

/** What a person looks at first: balances, products, rejects. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { dashboardId, stage, dataSets, principalArn }: DashboardProps) {
    super(scope, id);
    const dashboard = new CfnDashboard(this, 'Dashboard', {
      awsAccountId: Stack.of(this).account,
      dashboardId,
      name: `Retail transactions (${stage})`,
      permissions: mayViewDashboard(principalArn),
      dashboardPublishOptions: {
        adHocFilteringOption: { availabilityStatus: 'ENABLED' },
        exportToCsvOption: { availabilityStatus: 'ENABLED' },
        sheetControlsOption: { visibilityState: 'EXPANDED' },
      },
      definition: {
        dataSetIdentifierDeclarations: DATA_SETS_SHOWN.map((view) => ({
          identifier: view,
          dataSetArn: dataSets.byView[view].attrArn,
        })),
        filterGroups: FILTERS.map(({ group }) => group),
        sheets: [
          {
            sheetId: SHEET_ID,
            name: 'Overview',
            visuals: Object.values(VISUALS),
            filterControls: FILTERS.map(({ control }) => control),
            layouts: [{ configuration: { gridLayout: gridLayout() } }],
          },
        ],
      },
    });
    dashboard.node.addDependency(dataSets);
  }
}

function gridLayout(): CfnDashboard.GridLayoutConfigurationProperty {
  return {
    canvasSizeOptions: {
      screenCanvasSizeOptions: { resizeOption: 'FIXED', optimizedViewPortWidth: '1600px' },
    },
    elements: Object.keys(VISUALS).map((elementId, index) => ({
      elementId,
      elementType: 'VISUAL',
      columnIndex: (index % 2) * SPAN.columnSpan,
      rowIndex: Math.floor(index / 2) * SPAN.rowSpan,
      ...SPAN,
    })),
  };
}

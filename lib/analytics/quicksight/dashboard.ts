import { Stack } from 'aws-cdk-lib';
import { CfnDashboard } from 'aws-cdk-lib/aws-quicksight';
import { Construct } from 'constructs';
import type { DataSets } from './data-sets.ts';
import type { ReportingView } from './reporting-views.ts';
import { createBarChart, createDateFilter, createLineChart, createValueFilter } from './visuals.ts';

/** Lets the principal view the dashboard (QuickSight developer guide, "Permissions"). */
const VIEWER_ACTIONS = [
  'quicksight:DescribeDashboard',
  'quicksight:ListDashboardVersions',
  'quicksight:QueryDashboard',
];
const SHEET_ID = 'overview';
const VISUALS = {
  'balance-by-date': createLineChart({
    visualId: 'balance-by-date',
    title: 'Balance by date: sold, bought, SELL − BUY (tax included)',
    view: 'daily_balance',
    category: 'transaction_date',
    values: ['sold', 'bought', 'balance'],
  }),
  // One line per product and store: a sum over products that have no transactions on the same day would be wrong.
  'cumulated-balance': createLineChart({
    visualId: 'cumulated-balance',
    title: 'Cumulated balance of each product, by store',
    view: 'cumulated_balance',
    category: 'transaction_date',
    values: ['cumulated_balance'],
    color: 'product',
    chartOfEach: 'store_id',
  }),
  'top-products': createBarChart({
    visualId: 'top-products',
    title: 'Top products: sold, tax included',
    view: 'daily_balance',
    category: 'product',
    values: ['sold'],
    maxBars: 10,
  }),
  'rejects-by-reason': createBarChart({
    visualId: 'rejects-by-reason',
    title: 'Rejected rows by reason',
    view: 'rejects_by_reason',
    category: 'code',
    values: ['rows_rejected'],
    color: 'store_id',
    maxBars: 20,
  }),
};
const DATA_SETS_SHOWN: readonly ReportingView[] = ['daily_balance', 'cumulated_balance', 'rejects_by_reason'];
const DEFAULT_DAYS = 90;
const FILTERS = [
  createDateFilter({
    filterId: 'transaction-date',
    title: 'Transaction date',
    sheetId: SHEET_ID,
    view: 'daily_balance',
    column: 'transaction_date',
    days: DEFAULT_DAYS,
  }),
  createDateFilter({
    filterId: 'received-on',
    title: 'Dropped on',
    sheetId: SHEET_ID,
    view: 'rejects_by_reason',
    column: 'received_on',
    days: DEFAULT_DAYS,
  }),
  createValueFilter({
    filterId: 'store',
    title: 'Store',
    sheetId: SHEET_ID,
    view: 'daily_balance',
    column: 'store_id',
  }),
  createValueFilter({
    filterId: 'product',
    title: 'Product',
    sheetId: SHEET_ID,
    view: 'daily_balance',
    column: 'product',
  }),
];
/** Half of the 36 columns of a QuickSight grid: two charts per row. */
const SPAN = { columnSpan: 18, rowSpan: 12 };

export interface DashboardProps {
  readonly dashboardId: string;
  readonly stage: string;
  readonly dataSets: DataSets;
  readonly principalArn: string;
}

/** The dashboard of balances, products and rejected rows. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { dashboardId, stage, dataSets, principalArn }: DashboardProps) {
    super(scope, id);
    const dashboard = new CfnDashboard(this, 'Dashboard', {
      awsAccountId: Stack.of(this).account,
      dashboardId,
      name: `Retail transactions (${stage})`,
      permissions: [{ principal: principalArn, actions: VIEWER_ACTIONS }],
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

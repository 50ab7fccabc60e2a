import { Stack } from 'aws-cdk-lib';
import { CfnDashboard } from 'aws-cdk-lib/aws-quicksight';
import { Construct } from 'constructs';
import type { DataSets } from './data-sets.ts';
import type { QuickSightProps } from './data-source.ts';
import {
  type Chart,
  createFilterControl,
  createFilterGroup,
  createVisual,
  type SheetFilter,
} from './visuals.ts';

/** Lets the principal view the dashboard (QuickSight developer guide, "Permissions"). */
const VIEWER_ACTIONS = [
  'quicksight:DescribeDashboard',
  'quicksight:ListDashboardVersions',
  'quicksight:QueryDashboard',
];
const SHEET_ID = 'overview';
const CHARTS: readonly Chart[] = [
  {
    id: 'balance-by-date',
    title: 'Balance by date: sold, bought, SELL − BUY (tax included)',
    view: 'daily_balance',
    category: 'transaction_date',
    values: ['sold', 'bought', 'balance'],
  },
  // One line per product and store: a sum over products that have no transactions on the same day would be wrong.
  {
    id: 'cumulated-balance',
    title: 'Cumulated balance of each product, by store',
    view: 'cumulated_balance',
    category: 'transaction_date',
    values: ['cumulated_balance'],
    color: 'product',
    chartOfEach: 'store_id',
  },
  {
    id: 'top-products',
    title: 'Top products: sold, tax included',
    view: 'daily_balance',
    category: 'product',
    values: ['sold'],
    maxBars: 10,
  },
  {
    id: 'rejects-by-reason',
    title: 'Rejected rows by reason',
    view: 'rejects_by_reason',
    category: 'code',
    values: ['rows_rejected'],
    color: 'store_id',
    maxBars: 20,
  },
];
const FILTERS: readonly SheetFilter[] = [
  { id: 'transaction-date', title: 'Transaction date', view: 'daily_balance', column: 'transaction_date' },
  { id: 'received-on', title: 'Dropped on', view: 'rejects_by_reason', column: 'received_on' },
  { id: 'store', title: 'Store', view: 'daily_balance', column: 'store_id' },
  { id: 'product', title: 'Product', view: 'daily_balance', column: 'product' },
];
/** Half of the 36 columns of a QuickSight grid: two charts per row. */
const SPAN = { columnSpan: 18, rowSpan: 12 };

/** The dashboard of balances, products and rejected rows. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: QuickSightProps, dataSets: DataSets) {
    super(scope, id);
    const { data, idPrefix, principalArn } = props;
    const views = [...new Set(CHARTS.map(({ view }) => view))];
    const dashboard = new CfnDashboard(this, 'Dashboard', {
      awsAccountId: Stack.of(this).account,
      dashboardId: idPrefix,
      name: `Retail transactions (${data.settings.stage})`,
      permissions: [{ principal: principalArn, actions: VIEWER_ACTIONS }],
      dashboardPublishOptions: {
        adHocFilteringOption: { availabilityStatus: 'ENABLED' },
        exportToCsvOption: { availabilityStatus: 'ENABLED' },
        sheetControlsOption: { visibilityState: 'EXPANDED' },
      },
      definition: {
        dataSetIdentifierDeclarations: views.map((view) => ({
          identifier: view,
          dataSetArn: dataSets.byView[view].attrArn,
        })),
        filterGroups: FILTERS.map((filter) => createFilterGroup(SHEET_ID, filter)),
        sheets: [
          {
            sheetId: SHEET_ID,
            name: 'Overview',
            visuals: CHARTS.map(createVisual),
            filterControls: FILTERS.map(createFilterControl),
            layouts: [{ configuration: { gridLayout: createLayout() } }],
          },
        ],
      },
    });
    dashboard.node.addDependency(dataSets);
  }
}

function createLayout(): CfnDashboard.GridLayoutConfigurationProperty {
  return {
    canvasSizeOptions: {
      screenCanvasSizeOptions: { resizeOption: 'FIXED', optimizedViewPortWidth: '1600px' },
    },
    elements: CHARTS.map(({ id: elementId }, index) => ({
      elementId,
      elementType: 'VISUAL',
      columnIndex: (index % 2) * SPAN.columnSpan,
      rowIndex: Math.floor(index / 2) * SPAN.rowSpan,
      ...SPAN,
    })),
  };
}

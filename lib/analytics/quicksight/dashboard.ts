import { Stack } from 'aws-cdk-lib';
import { CfnDashboard } from 'aws-cdk-lib/aws-quicksight';
import { Construct } from 'constructs';
import type { DataSets } from './data-sets.ts';
import type { QuickSightProps } from './data-source.ts';
import { type ColumnOf, REPORTING_VIEWS, type ReportingView } from './reporting-views.ts';

/** Lets the principal view the dashboard (QuickSight developer guide, "Permissions"). */
const VIEWER_ACTIONS = [
  'quicksight:DescribeDashboard',
  'quicksight:ListDashboardVersions',
  'quicksight:QueryDashboard',
];
const SHEET_ID = 'overview';
/** Half of the 36 columns of a QuickSight grid: two charts per row. */
const SPAN = { columnSpan: 18, rowSpan: 12 };
/** Dates show the last days, so that opening the dashboard does not read years. A viewer can change it. */
const DEFAULT_DAYS = 90;

interface ChartOf<View extends ReportingView> {
  readonly id: string;
  readonly title: string;
  readonly view: View;
  readonly category: ColumnOf<View>;
  /** Columns whose sums the chart shows. */
  readonly values: readonly ColumnOf<View>[];
  /** Column whose values have one colour each. @default one colour for each of `values` */
  readonly color?: ColumnOf<View>;
  /** Column whose values have one small chart each. @default one chart */
  readonly chartOfEach?: ColumnOf<View>;
  /** Shows bars of the categories with the largest first value, and omits the others. @default a line over days */
  readonly maxBars?: number;
}

/** A filter of every visual whose view has a column of this name, with a control for the viewer. */
interface FilterOf<View extends ReportingView> {
  readonly id: string;
  readonly title: string;
  readonly view: View;
  readonly column: ColumnOf<View>;
}

type Chart = { [View in ReportingView]: ChartOf<View> }[ReportingView];
type Filter = { [View in ReportingView]: FilterOf<View> }[ReportingView];

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
const FILTERS: readonly Filter[] = [
  { id: 'transaction-date', title: 'Transaction date', view: 'daily_balance', column: 'transaction_date' },
  { id: 'received-on', title: 'Dropped on', view: 'rejects_by_reason', column: 'received_on' },
  { id: 'store', title: 'Store', view: 'daily_balance', column: 'store_id' },
  { id: 'product', title: 'Product', view: 'daily_balance', column: 'product' },
];

/** The dashboard of balances, products and rejected rows. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: QuickSightProps, dataSets: DataSets) {
    super(scope, id);
    const { data, idPrefix, principalArn } = props;
    const views = [...new Set(CHARTS.map(({ view }) => view))];
    const filters = FILTERS.map(createFilter);
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
        filterGroups: filters.map(({ group }) => group),
        sheets: [
          {
            sheetId: SHEET_ID,
            name: 'Overview',
            visuals: CHARTS.map(createVisual),
            filterControls: filters.map(({ control }) => control),
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

function createVisual(chart: Chart): CfnDashboard.VisualProperty {
  const { id: visualId, title: plainText, view, color, chartOfEach, maxBars } = chart;
  const field = (columnName: string) => ({
    fieldId: `${visualId}.${columnName}`,
    column: { dataSetIdentifier: view, columnName },
  });
  const dimension = (name: string) => [{ categoricalDimensionField: field(name) }];
  const wells = {
    values: chart.values.map((name) => ({
      numericalMeasureField: { ...field(name), aggregationFunction: { simpleNumericalAggregation: 'SUM' } },
    })),
    ...(color && { colors: dimension(color) }),
    ...(chartOfEach && { smallMultiples: dimension(chartOfEach) }),
  };
  const common = { visualId, title: { visibility: 'VISIBLE', formatText: { plainText } } };
  if (maxBars === undefined) {
    const category = [{ dateDimensionField: { ...field(chart.category), dateGranularity: 'DAY' } }];
    const fieldWells = { lineChartAggregatedFieldWells: { ...wells, category } };
    return { lineChartVisual: { ...common, chartConfiguration: { fieldWells } } };
  }
  const fieldSort = { fieldId: field(chart.values[0]!).fieldId, direction: 'DESC' };
  return {
    barChartVisual: {
      ...common,
      chartConfiguration: {
        orientation: 'HORIZONTAL',
        ...(color && { barsArrangement: 'STACKED' }),
        fieldWells: { barChartAggregatedFieldWells: { ...wells, category: dimension(chart.category) } },
        sortConfiguration: {
          categorySort: [{ fieldSort }],
          categoryItemsLimit: { itemsLimit: maxBars, otherCategories: 'EXCLUDE' },
        },
      },
    },
  };
}

function createFilter({ id: filterId, title, view, column: columnName }: Filter) {
  const types: Readonly<Record<string, string>> = REPORTING_VIEWS[view];
  const isDate = types[columnName] === 'date';
  const column = { dataSetIdentifier: view, columnName };
  const lastDays = {
    filterId,
    column,
    anchorDateConfiguration: { anchorOption: 'NOW' },
    relativeDateType: 'LAST',
    relativeDateValue: DEFAULT_DAYS,
    timeGranularity: 'DAY',
    nullOption: 'NON_NULLS_ONLY',
  };
  // Includes all values until the viewer selects some.
  const filterListConfiguration = { matchOperator: 'CONTAINS', selectAllOptions: 'FILTER_ALL_VALUES' };
  const selected = { filterId, column, configuration: { filterListConfiguration } };
  const group: CfnDashboard.FilterGroupProperty = {
    filterGroupId: `${filterId}-group`,
    filters: [isDate ? { relativeDatesFilter: lastDays } : { categoryFilter: selected }],
    crossDataset: 'ALL_DATASETS',
    status: 'ENABLED',
    scopeConfiguration: {
      selectedSheets: { sheetVisualScopingConfigurations: [{ sheetId: SHEET_ID, scope: 'ALL_VISUALS' }] },
    },
  };
  const common = { filterControlId: `${filterId}-control`, sourceFilterId: filterId, title };
  const control: CfnDashboard.FilterControlProperty = isDate
    ? { relativeDateTime: common }
    : { dropdown: { ...common, type: 'MULTI_SELECT' } };
  return { group, control };
}

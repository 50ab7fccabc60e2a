import type { CfnDashboard } from 'aws-cdk-lib/aws-quicksight';
import { type ColumnOf, REPORTING_VIEWS, type ReportingView } from './reporting-views.ts';

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

/** The content of a chart of one view. */
export type Chart = { [View in ReportingView]: ChartOf<View> }[ReportingView];

export function createVisual(chart: Chart): CfnDashboard.VisualProperty {
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

interface SheetFilterOf<View extends ReportingView> {
  readonly id: string;
  readonly title: string;
  readonly view: View;
  readonly column: ColumnOf<View>;
}

/** A filter of every visual of the sheet whose view has a column of this name, with a control for the viewer. */
export type SheetFilter = { [View in ReportingView]: SheetFilterOf<View> }[ReportingView];

/** Dates show the last days, so that opening the dashboard does not read years. A viewer can change it. */
const DEFAULT_DAYS = 90;

const isDate = ({ view, column }: SheetFilter) =>
  (REPORTING_VIEWS[view] as Readonly<Record<string, string>>)[column] === 'date';

export function createFilterGroup(sheetId: string, filter: SheetFilter): CfnDashboard.FilterGroupProperty {
  const column = { dataSetIdentifier: filter.view, columnName: filter.column };
  const lastDays = {
    filterId: filter.id,
    column,
    anchorDateConfiguration: { anchorOption: 'NOW' },
    relativeDateType: 'LAST',
    relativeDateValue: DEFAULT_DAYS,
    timeGranularity: 'DAY',
    nullOption: 'NON_NULLS_ONLY',
  };
  // Includes all values until the viewer selects some.
  const filterListConfiguration = { matchOperator: 'CONTAINS', selectAllOptions: 'FILTER_ALL_VALUES' };
  const selected = { filterId: filter.id, column, configuration: { filterListConfiguration } };
  return {
    filterGroupId: `${filter.id}-group`,
    filters: [isDate(filter) ? { relativeDatesFilter: lastDays } : { categoryFilter: selected }],
    crossDataset: 'ALL_DATASETS',
    status: 'ENABLED',
    scopeConfiguration: {
      selectedSheets: { sheetVisualScopingConfigurations: [{ sheetId, scope: 'ALL_VISUALS' }] },
    },
  };
}

export function createFilterControl(filter: SheetFilter): CfnDashboard.FilterControlProperty {
  const { id: sourceFilterId, title } = filter;
  const control = { filterControlId: `${sourceFilterId}-control`, sourceFilterId, title };
  return isDate(filter) ? { relativeDateTime: control } : { dropdown: { ...control, type: 'MULTI_SELECT' } };
}

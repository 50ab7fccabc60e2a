import type { CfnDashboard } from 'aws-cdk-lib/aws-quicksight';
import type { ColumnOf, ReportingView } from './reporting-views.ts';

/** Names a column of the data set of a view. */
function nameColumn<View extends ReportingView>(
  view: View,
  column: ColumnOf<View>,
): CfnDashboard.ColumnIdentifierProperty {
  return { dataSetIdentifier: view, columnName: column };
}

const title = (plainText: string) => ({ visibility: 'VISIBLE', formatText: { plainText } });

/** The content of a chart of one view. */
export interface ChartProps<View extends ReportingView> {
  readonly visualId: string;
  readonly title: string;
  readonly view: View;
  readonly category: ColumnOf<View>;
  /** Columns whose sums the chart shows. */
  readonly values: readonly ColumnOf<View>[];
  /** Column whose values have one colour each. @default one colour for each of `values` */
  readonly color?: ColumnOf<View>;
  /** Column whose values have one small chart each. @default one chart */
  readonly chartOfEach?: ColumnOf<View>;
}

/** Creates a line chart over days. */
export function createLineChart<View extends ReportingView>(
  props: ChartProps<View>,
): CfnDashboard.VisualProperty {
  const { category, ...rest } = createFields(props);
  return {
    lineChartVisual: {
      visualId: props.visualId,
      title: title(props.title),
      chartConfiguration: {
        fieldWells: {
          lineChartAggregatedFieldWells: {
            ...rest,
            category: [{ dateDimensionField: { ...category, dateGranularity: 'DAY' } }],
          },
        },
      },
    },
  };
}

/** Creates a bar chart of the categories with the largest first value. It omits the others. */
export function createBarChart<View extends ReportingView>(
  props: ChartProps<View> & { readonly maxBars: number },
): CfnDashboard.VisualProperty {
  const { category, ...rest } = createFields(props);
  const largest = { fieldId: createFieldId(props, props.values[0]!), direction: 'DESC' };
  return {
    barChartVisual: {
      visualId: props.visualId,
      title: title(props.title),
      chartConfiguration: {
        orientation: 'HORIZONTAL',
        ...(props.color && { barsArrangement: 'STACKED' }),
        fieldWells: {
          barChartAggregatedFieldWells: { ...rest, category: [{ categoricalDimensionField: category }] },
        },
        sortConfiguration: {
          categorySort: [{ fieldSort: largest }],
          categoryItemsLimit: { itemsLimit: props.maxBars, otherCategories: 'EXCLUDE' },
        },
      },
    },
  };
}

function createFields<View extends ReportingView>(props: ChartProps<View>) {
  const field = (name: ColumnOf<View>) => ({
    fieldId: createFieldId(props, name),
    column: nameColumn(props.view, name),
  });
  const dimension = (name: ColumnOf<View>) => [{ categoricalDimensionField: field(name) }];
  return {
    category: field(props.category),
    values: props.values.map((name) => ({
      numericalMeasureField: { ...field(name), aggregationFunction: { simpleNumericalAggregation: 'SUM' } },
    })),
    ...(props.color && { colors: dimension(props.color) }),
    ...(props.chartOfEach && { smallMultiples: dimension(props.chartOfEach) }),
  };
}

function createFieldId<View extends ReportingView>({ visualId }: ChartProps<View>, column: string): string {
  return `${visualId}.${column}`;
}

/** A filter of a whole sheet, and its control for the viewer. */
export interface SheetFilter {
  readonly group: CfnDashboard.FilterGroupProperty;
  readonly control: CfnDashboard.FilterControlProperty;
}

export interface SheetFilterProps<View extends ReportingView> {
  readonly filterId: string;
  readonly title: string;
  readonly sheetId: string;
  /** The filter applies to every visual whose view has a column of this name. */
  readonly view: View;
  readonly column: ColumnOf<View>;
}

/** Creates a filter for the last days, so that opening the dashboard does not read years. A viewer can change it. */
export function createDateFilter<View extends ReportingView>(
  props: SheetFilterProps<View> & { readonly days: number },
): SheetFilter {
  const { filterId, title, days } = props;
  return {
    group: createGroup(props, {
      relativeDatesFilter: {
        filterId,
        column: nameColumn(props.view, props.column),
        anchorDateConfiguration: { anchorOption: 'NOW' },
        relativeDateType: 'LAST',
        relativeDateValue: days,
        timeGranularity: 'DAY',
        nullOption: 'NON_NULLS_ONLY',
      },
    }),
    control: {
      relativeDateTime: { filterControlId: `${filterId}-control`, sourceFilterId: filterId, title },
    },
  };
}

/** Creates a filter that includes all values. A viewer can select some. */
export function createValueFilter<View extends ReportingView>(props: SheetFilterProps<View>): SheetFilter {
  const { filterId, title } = props;
  return {
    group: createGroup(props, {
      categoryFilter: {
        filterId,
        column: nameColumn(props.view, props.column),
        configuration: {
          filterListConfiguration: { matchOperator: 'CONTAINS', selectAllOptions: 'FILTER_ALL_VALUES' },
        },
      },
    }),
    control: {
      dropdown: {
        filterControlId: `${filterId}-control`,
        sourceFilterId: filterId,
        title,
        type: 'MULTI_SELECT',
      },
    },
  };
}

function createGroup<View extends ReportingView>(
  { filterId, sheetId }: SheetFilterProps<View>,
  filter: CfnDashboard.FilterProperty,
): CfnDashboard.FilterGroupProperty {
  return {
    filterGroupId: `${filterId}-group`,
    filters: [filter],
    crossDataset: 'ALL_DATASETS',
    status: 'ENABLED',
    scopeConfiguration: {
      selectedSheets: { sheetVisualScopingConfigurations: [{ sheetId, scope: 'ALL_VISUALS' }] },
    },
  };
}

import type { CfnDashboard } from 'aws-cdk-lib/aws-quicksight';
import type { ColumnOf, ReportingView } from './reporting-views.ts';

/** A column of the data set that stands for a view. */
export function columnOf<View extends ReportingView>(
  view: View,
  column: ColumnOf<View>,
): CfnDashboard.ColumnIdentifierProperty {
  return { dataSetIdentifier: view, columnName: column };
}

const title = (plainText: string) => ({ visibility: 'VISIBLE', formatText: { plainText } });

/** What a chart of one view shows. */
export interface ChartProps<View extends ReportingView> {
  readonly visualId: string;
  readonly title: string;
  readonly view: View;
  readonly category: ColumnOf<View>;
  /** Each summed up. */
  readonly values: readonly ColumnOf<View>[];
  /** @default all in one colour for each value */
  readonly color?: ColumnOf<View>;
  /** A chart of its own for each value of this column. @default one chart */
  readonly chartOfEach?: ColumnOf<View>;
}

/** A line over the days. */
export function lineByDay<View extends ReportingView>(props: ChartProps<View>): CfnDashboard.VisualProperty {
  const { category, ...rest } = fieldsOf(props);
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

/** Bars of the categories with the largest first value, the rest left out. */
export function largestBars<View extends ReportingView>(
  props: ChartProps<View> & { readonly most: number },
): CfnDashboard.VisualProperty {
  const { category, ...rest } = fieldsOf(props);
  const largest = { fieldId: fieldIdOf(props, props.values[0]!), direction: 'DESC' };
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
          categoryItemsLimit: { itemsLimit: props.most, otherCategories: 'EXCLUDE' },
        },
      },
    },
  };
}

function fieldsOf<View extends ReportingView>(props: ChartProps<View>) {
  const field = (name: ColumnOf<View>) => ({
    fieldId: fieldIdOf(props, name),
    column: columnOf(props.view, name),
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

function fieldIdOf<View extends ReportingView>({ visualId }: ChartProps<View>, column: string): string {
  return `${visualId}.${column}`;
}

import type { CfnDashboard } from 'aws-cdk-lib/aws-quicksight';
import type { ColumnOf, ReportingView } from './reporting-views.ts';
import { columnOf } from './visuals.ts';

/** A filter of a whole sheet, and what a viewer changes it with. */
export interface SheetFilter {
  readonly group: CfnDashboard.FilterGroupProperty;
  readonly control: CfnDashboard.FilterControlProperty;
}

export interface SheetFilterProps<View extends ReportingView> {
  readonly filterId: string;
  readonly title: string;
  readonly sheetId: string;
  /** Every visual whose view has a column of this name is filtered. */
  readonly view: View;
  readonly column: ColumnOf<View>;
}

/** The last days, so that a look at the dashboard does not read years; a viewer may choose others. */
export function lastDays<View extends ReportingView>(
  props: SheetFilterProps<View> & { readonly days: number },
): SheetFilter {
  const { filterId, title, days } = props;
  return {
    group: groupOf(props, {
      relativeDatesFilter: {
        filterId,
        column: columnOf(props.view, props.column),
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

/** All values, of which a viewer may choose some. */
export function someValues<View extends ReportingView>(props: SheetFilterProps<View>): SheetFilter {
  const { filterId, title } = props;
  return {
    group: groupOf(props, {
      categoryFilter: {
        filterId,
        column: columnOf(props.view, props.column),
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

function groupOf<View extends ReportingView>(
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

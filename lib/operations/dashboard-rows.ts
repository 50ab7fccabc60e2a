import { GraphWidget, type GraphWidgetProps, type IWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';

export const FULL_WIDTH = 24;

/** One line or several for each graph of a dashboard, by the titles of the row and of the graph. */
export type Rows<Line> = Readonly<Record<string, Readonly<Record<string, Line | readonly Line[]>>>>;

/** Creates the widgets of each row: its title, then its graphs with equal widths. */
export function createRows<Line>(
  rows: Rows<Line>,
  describeGraph: (title: string, lines: readonly Line[]) => GraphWidgetProps,
): IWidget[][] {
  return Object.entries(rows).map(([row, graphs]) => {
    const width = Math.floor(FULL_WIDTH / Object.keys(graphs).length);
    return [
      new TextWidget({ markdown: `### ${row}`, width: FULL_WIDTH, height: 1 }),
      ...Object.entries(graphs).map(
        ([title, lines]) =>
          new GraphWidget({ title, width, ...describeGraph(title, [lines].flat() as Line[]) }),
      ),
    ];
  });
}

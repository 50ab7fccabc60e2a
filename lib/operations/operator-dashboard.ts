import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';
import { type AlarmDefinition, type AlarmTopics, createAlarm } from './alarms/alarm.ts';

const FULL_WIDTH = 24;
/** Alarms of a widget with states (CloudWatch API reference, "Dashboard body structure and syntax"). */
const MAX_ALARMS = 100;
/** Title of the graph whose lines add up to all rows. */
export const STACKED_GRAPH = 'Rows by result';

/** One line or several for each graph of a dashboard, by the titles of the row and of the graph. */
export type Rows<Line> = Readonly<Record<string, Readonly<Record<string, Line | readonly Line[]>>>>;
/** Rows of the operators' dashboard. The line of an alarm has a threshold. */
export type AlarmRows = Rows<AlarmDefinition | cloudwatch.IMetric>;

/** Creates the widgets of each row: its title, then its graphs with equal widths. */
export function createRows<Line>(
  rows: Rows<Line>,
  describeGraph: (title: string, lines: readonly Line[]) => cloudwatch.GraphWidgetProps,
): cloudwatch.IWidget[][] {
  return Object.entries(rows).map(([row, graphs]) => {
    const width = Math.floor(FULL_WIDTH / Object.keys(graphs).length);
    return [
      new cloudwatch.TextWidget({ markdown: `### ${row}`, width: FULL_WIDTH, height: 1 }),
      ...Object.entries(graphs).map(
        ([title, lines]) =>
          new cloudwatch.GraphWidget({ title, width, ...describeGraph(title, [lines].flat() as Line[]) }),
      ),
    ];
  });
}

function statusWidgets(alarms: readonly cloudwatch.Alarm[]): cloudwatch.IWidget[] {
  const parts = Array.from({ length: Math.ceil(alarms.length / MAX_ALARMS) }, (_, part) =>
    alarms.slice(part * MAX_ALARMS, (part + 1) * MAX_ALARMS),
  );
  return parts.map(
    (part) =>
      new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms: part, width: FULL_WIDTH, height: 6 }),
  );
}

/** The alarms of a stage, and the dashboard that shows their states and their metrics in the order of the data. */
export class OperatorDashboard extends Construct {
  constructor(scope: Construct, id: string, { stage }: Settings, topics: AlarmTopics, rows: AlarmRows) {
    super(scope, id);
    const alarms: cloudwatch.Alarm[] = [];
    const graphs = createRows(rows, (title, definitions) => {
      const lines = definitions.map((line) => ('heading' in line ? createAlarm(this, topics, line) : line));
      const created = lines.filter((line) => line instanceof cloudwatch.Alarm);
      alarms.push(...created);
      return {
        stacked: title === STACKED_GRAPH,
        left: lines.map((line) => (line instanceof cloudwatch.Alarm ? line.metric : line)),
        leftAnnotations: created.map((alarm) => alarm.toAnnotation()),
      };
    });
    const markdown = `# retail ${stage}\ndocs/runbook.md has a heading for each alarm.`;
    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: `retail-${stage}-operator`,
      defaultInterval: Duration.hours(24),
      widgets: [
        [new cloudwatch.TextWidget({ markdown, width: FULL_WIDTH, height: 2 })],
        ...statusWidgets(alarms).map((widget) => [widget]),
        ...graphs,
      ],
    });
  }
}

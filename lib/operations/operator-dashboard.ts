import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';
import type { AlarmTopics } from './alarm-topics.ts';
import { type AlarmSection, createAlarm, type GraphLine } from './alarms/alarm.ts';

const FULL_WIDTH = 24;

/** Creates one row of a dashboard: its title above, and graphs of equal width by their titles. */
export function createRow(
  title: string,
  graphs: Readonly<Record<string, cloudwatch.GraphWidgetProps>>,
): cloudwatch.IWidget[] {
  const entries = Object.entries(graphs);
  const width = Math.floor(FULL_WIDTH / entries.length);
  return [
    new cloudwatch.TextWidget({ markdown: `### ${title}`, width: FULL_WIDTH, height: 1 }),
    ...entries.map(([graph, props]) => new cloudwatch.GraphWidget({ title: graph, width, ...props })),
  ];
}

/** The alarms of a stage, and the dashboard that shows their states and their metrics in the order of the data. */
export class OperatorDashboard extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { stage }: Settings,
    topics: AlarmTopics,
    sections: readonly AlarmSection[],
  ) {
    super(scope, id);
    const alarms: cloudwatch.Alarm[] = [];
    const createLine = (line: GraphLine) => {
      if (!('heading' in line)) return { metric: line };
      const alarm = createAlarm(this, topics, line);
      alarms.push(alarm);
      return { metric: alarm.metric, annotation: alarm.toAnnotation() };
    };
    const rows = sections.map(({ title, graphs, stackedGraph }) => {
      const entries = Object.entries(graphs).map(([graph, definitions]) => {
        const lines = [definitions].flat().map(createLine);
        const left = lines.map(({ metric }) => metric);
        const leftAnnotations = lines.flatMap(({ annotation }) => annotation ?? []);
        return [graph, { stacked: graph === stackedGraph, left, leftAnnotations }];
      });
      return createRow(title, Object.fromEntries(entries));
    });
    const markdown = `# retail ${stage}\ndocs/runbook.md has a heading for each alarm.`;
    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: `retail-${stage}-operator`,
      defaultInterval: Duration.hours(24),
      widgets: [
        [new cloudwatch.TextWidget({ markdown, width: FULL_WIDTH, height: 2 })],
        [new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms, width: FULL_WIDTH, height: 6 })],
        ...rows,
      ],
    });
  }
}

import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AlarmTopics } from './alarm-topics.ts';
import { type AlarmDefinition, type AlarmSection, createAlarm } from './alarms/alarm.ts';

export const FULL_WIDTH = 24;

export interface OperatorDashboardProps {
  readonly stage: string;
  readonly topics: AlarmTopics;
  readonly sections: readonly AlarmSection[];
}

/** The alarms of a stage, and the dashboard that shows their states and their metrics in the order of the data. */
export class OperatorDashboard extends Construct {
  constructor(scope: Construct, id: string, { stage, topics, sections }: OperatorDashboardProps) {
    super(scope, id);
    const alarms: Alarm[] = [];
    const createLine = (line: AlarmDefinition | IMetric) => {
      if (!('heading' in line)) return { metric: line };
      const alarm = createAlarm(this, topics, line);
      alarms.push(alarm);
      return { metric: alarm.metric, annotation: alarm.toAnnotation() };
    };
    const rows = sections.map(({ title, graphs, stackedGraph }) => [
      new TextWidget({ markdown: `### ${title}`, width: FULL_WIDTH, height: 1 }),
      ...Object.entries(graphs).map(([graph, definitions]) => {
        const lines = definitions.map(createLine);
        return new GraphWidget({
          title: graph,
          width: Math.floor(FULL_WIDTH / Object.keys(graphs).length),
          stacked: graph === stackedGraph,
          left: lines.map(({ metric }) => metric),
          leftAnnotations: lines.flatMap(({ annotation }) => annotation ?? []),
        });
      }),
    ]);
    const markdown = `# retail ${stage}\ndocs/runbook.md has a heading for each alarm.`;
    new Dashboard(this, 'Dashboard', {
      dashboardName: `retail-${stage}-operator`,
      defaultInterval: Duration.hours(24),
      widgets: [
        [new TextWidget({ markdown, width: FULL_WIDTH, height: 2 })],
        [new AlarmStatusWidget({ title: 'Alarms', alarms, width: FULL_WIDTH, height: 6 })],
        ...rows,
      ],
    });
  }
}

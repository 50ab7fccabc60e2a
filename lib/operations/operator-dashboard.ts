import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AlarmTopics } from './alarm-topics.ts';
import { type AlarmGraph, type AlarmSection, createAlarm } from './alarms/alarm.ts';

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
    const createGraph = (
      { title, alarms: definitions = [], metrics = [], stacked }: AlarmGraph,
      width: number,
    ) => {
      const created = definitions.map((definition) => createAlarm(this, topics, definition));
      alarms.push(...created);
      return new GraphWidget({
        title,
        width,
        stacked: stacked ?? false,
        left: [...metrics, ...created.map(({ metric }) => metric)],
        leftAnnotations: created.map((alarm) => alarm.toAnnotation()),
      });
    };
    const rows = sections.map(({ title, graphs }) => [
      new TextWidget({ markdown: `### ${title}`, width: FULL_WIDTH, height: 1 }),
      ...graphs.map((graph) => createGraph(graph, Math.floor(FULL_WIDTH / graphs.length))),
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

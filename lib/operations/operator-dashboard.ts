import { Duration } from 'aws-cdk-lib';
import { Alarm, AlarmStatusWidget, Dashboard, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';
import type { AlarmTopics } from './alarm-topics.ts';
import { type AlarmRows, createAlarm } from './alarms/alarm.ts';
import { STACKED_GRAPH } from './alarms/pipeline-alarms.ts';
import { createRows, FULL_WIDTH } from './dashboard-rows.ts';

/** The alarms of a stage, and the dashboard that shows their states and their metrics in the order of the data. */
export class OperatorDashboard extends Construct {
  constructor(scope: Construct, id: string, { stage }: Settings, topics: AlarmTopics, rows: AlarmRows) {
    super(scope, id);
    const alarms: Alarm[] = [];
    const graphs = createRows(rows, (title, definitions) => {
      const lines = definitions.map((line) => ('heading' in line ? createAlarm(this, topics, line) : line));
      const created = lines.filter((line) => line instanceof Alarm);
      alarms.push(...created);
      return {
        stacked: title === STACKED_GRAPH,
        left: lines.map((line) => (line instanceof Alarm ? line.metric : line)),
        leftAnnotations: created.map((alarm) => alarm.toAnnotation()),
      };
    });
    const markdown = `# retail ${stage}\ndocs/runbook.md has a heading for each alarm.`;
    new Dashboard(this, 'Dashboard', {
      dashboardName: `retail-${stage}-operator`,
      defaultInterval: Duration.hours(24),
      widgets: [
        [new TextWidget({ markdown, width: FULL_WIDTH, height: 2 })],
        [new AlarmStatusWidget({ title: 'Alarms', alarms, width: FULL_WIDTH, height: 6 })],
        ...graphs,
      ],
    });
  }
}

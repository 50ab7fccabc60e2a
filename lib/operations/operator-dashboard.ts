import { Duration } from 'aws-cdk-lib';
import { AlarmStatusWidget, Dashboard, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { StageMonitoring } from './stage-monitoring.ts';

const FULL_WIDTH = 24;

export interface OperatorDashboardProps {
  /** With everything in it that is to be shown. */
  readonly monitoring: StageMonitoring;
}

/** What operators look at first: which alarms are on, then the way of a file from left to right and down. */
export class OperatorDashboard extends Dashboard {
  constructor(scope: Construct, id: string, { monitoring }: OperatorDashboardProps) {
    super(scope, id, {
      dashboardName: `retail-${monitoring.settings.stage}-operator`,
      defaultInterval: Duration.hours(24),
    });
    const alarms = monitoring.createdAlarms().map(({ alarm }) => alarm);
    this.addWidgets(
      new TextWidget({
        markdown: `# retail ${monitoring.settings.stage}\ndocs/runbook.md has a heading for each alarm.`,
        width: FULL_WIDTH,
        height: 2,
      }),
    );
    this.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms, width: FULL_WIDTH, height: 6 }));
    for (const part of monitoring.createdMonitorings()) this.addWidgets(...part.widgets());
  }
}

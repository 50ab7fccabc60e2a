import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import {
  type CustomMetricWithAlarm,
  DynamicDashboardFactory,
  type MetricWithAlarmSupport,
  MonitoringFacade,
  multipleActions,
  notifySns,
} from 'cdk-monitoring-constructs';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/read-settings.ts';
import type { AlarmTopics } from './alarm-topics.ts';
import { alarmName, type Severity } from './severity.ts';
import { type Threshold, warmUp } from './thresholds.ts';

export interface StageMonitoringProps {
  readonly settings: Settings;
  readonly topics: AlarmTopics;
}

export interface AlarmText {
  /** Of the runbook, and the alarm's name behind the stage: such as `Load/DlqNotEmpty`. */
  readonly heading: string;
  readonly severity: Severity;
  /** What is the case, in a sentence. */
  readonly meaning: string;
}

/** Collects what is watched of a stage, and names its alarms. */
export class StageMonitoring extends MonitoringFacade {
  readonly settings: Settings;
  readonly #topics: AlarmTopics;

  constructor(scope: Construct, id: string, { settings, topics }: StageMonitoringProps) {
    super(scope, id, {
      alarmFactoryDefaults: { alarmNamePrefix: `retail-${settings.stage}`, actionsEnabled: true },
      // No dashboard here: `OperatorDashboard` lays out the widgets when every alarm is known.
      dashboardFactory: new DynamicDashboardFactory(scope, `${id}Dashboards`, {
        dashboardNamePrefix: `retail-${settings.stage}`,
        dashboardConfigs: [],
      }),
    });
    this.settings = settings;
    this.#topics = topics;
  }

  /** A metric on a graph, with its alarm. A topic hears when the alarm begins and when it is over. */
  watch(metric: MetricWithAlarmSupport, props: AlarmText & Threshold): CustomMetricWithAlarm {
    const { heading, severity, meaning, warmUpMinutes = 0, ...threshold } = props;
    const topic = this.#topics.topics[severity];
    const notify = notifySns(topic, topic);
    const alarm = {
      alarmNameOverride: alarmName(this.settings, heading),
      alarmDescriptionOverride: `[${severity}] ${meaning} See docs/runbook.md, "${heading}".`,
      overrideAnnotationLabel: heading,
      actionOverride: warmUpMinutes === 0 ? notify : multipleActions(notify, warmUp(warmUpMinutes)),
      treatMissingDataOverride: TreatMissingData.NOT_BREACHING,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      ...threshold,
    };
    return { metric, alarmFriendlyName: heading, addAlarm: { [heading]: alarm } };
  }
}

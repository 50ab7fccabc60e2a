import { DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { Alarm, AlarmsAnswer } from '../core/api-answers.ts';
import { alarmPrefixOf, readAlarmText } from '../shared/alarms.ts';
import { answerJson } from './problem.ts';
import type { ApiResources, Handler } from './resources.ts';

/** CloudWatch API reference, "DescribeAlarms". */
const MAX_RECORDS = 100;
const STATES: Readonly<Record<string, Alarm['state']>> = { ALARM: 'alarm', OK: 'ok' };
/** The order of an answer: by state, then by severity. */
const STATE_ORDER: readonly Alarm['state'][] = ['alarm', 'unknown', 'ok'];

/** `GET /alarms`. CloudWatch knows the states: the database stays paused. */
export const listAlarms: Handler = async (_event, resources) => {
  const { runbook } = resources.settings;
  if (runbook === undefined) {
    return answerJson(200, { isMonitored: false, alarms: [] } satisfies AlarmsAnswer);
  }
  const found = await readAlarms(resources);
  const rankOf = ({ state, severity }: Alarm) =>
    2 * STATE_ORDER.indexOf(state) + (severity === 'critical' ? 0 : 1);
  const alarms = found
    .map((alarm) => toAlarm(alarm, runbook))
    .sort((left, right) => rankOf(left) - rankOf(right) || (left.name < right.name ? -1 : 1));
  return answerJson(200, { isMonitored: true, alarms } satisfies AlarmsAnswer);
};

async function readAlarms({ cloudWatch, stage }: ApiResources): Promise<MetricAlarm[]> {
  const found: MetricAlarm[] = [];
  let token: string | undefined;
  do {
    const { MetricAlarms = [], NextToken } = await cloudWatch().send(
      new DescribeAlarmsCommand({
        AlarmNamePrefix: alarmPrefixOf(stage),
        MaxRecords: MAX_RECORDS,
        ...(token !== undefined && { NextToken: token }),
      }),
    );
    found.push(...MetricAlarms);
    token = NextToken;
  } while (token !== undefined);
  return found;
}

function toAlarm(alarm: MetricAlarm, runbook: Readonly<Record<string, string>>): Alarm {
  const { AlarmName: name = '', AlarmDescription = '', StateValue = '', StateReason: reason = '' } = alarm;
  const text = readAlarmText(AlarmDescription) ?? {
    heading: name.slice(name.indexOf('/') + 1),
    severity: 'warning',
    meaning: AlarmDescription,
  };
  const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
  const state = STATES[StateValue] ?? 'unknown';
  const advice = state === 'alarm' ? runbook[text.heading] : undefined;
  return {
    name,
    ...text,
    state,
    ...(since !== undefined && { since: since.toISOString() }),
    reason,
    runbook: `docs/runbook.md#${text.heading.toLowerCase().replace(/[^a-z0-9-]/g, '')}`,
    ...(advice !== undefined && { advice }),
  };
}

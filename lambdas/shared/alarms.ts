import type { AlarmSeverity } from '../core/api-answers.ts';

const DESCRIPTION = /^\[(critical|warning)\] (.*) See docs\/runbook\.md, "(.*)"\.$/s;

/** Facts in the description of an alarm. */
export interface AlarmText {
  /** Heading in docs/runbook.md. */
  readonly heading: string;
  readonly severity: AlarmSeverity;
  /** States the problem in one sentence. */
  readonly meaning: string;
}

/** Beginning of the names of a stage's alarms. */
export function alarmPrefixOf(stage: string): string {
  return `retail-${stage}/`;
}

/** Writes the description of an alarm, which is a part of its mails. */
export function describeAlarm({ heading, severity, meaning }: AlarmText): string {
  return `[${severity}] ${meaning} See docs/runbook.md, "${heading}".`;
}

/** Reads a description. @returns undefined for that of an alarm of another program */
export function readAlarmText(description: string): AlarmText | undefined {
  const [, severity, meaning, heading] = DESCRIPTION.exec(description) ?? [];
  if (severity === undefined || meaning === undefined || heading === undefined) return undefined;
  return { heading, severity: severity as AlarmSeverity, meaning };
}

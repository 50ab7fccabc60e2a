/**
 * `critical`: rows do not get in, or what is in is wrong; somebody looks at once, at any hour.
 * `warning`: somebody looks within the working day.
 */
export type Severity = 'critical' | 'warning';

/** An alarm's name; what comes behind the stage is its heading in `docs/runbook.md`. */
export function alarmName({ stage }: { readonly stage: string }, heading: string): string {
  return `retail-${stage}/${heading}`;
}

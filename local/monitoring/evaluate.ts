/** States of an alarm (CloudWatch user guide, "Metric alarm states"). */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

export interface EvaluationRule {
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly missingData: MissingData;
}

/**
 * CloudWatch looks at more data points than the evaluation periods; the exact number is not documented. In the examples
 * of its user guide it is five for three periods ("Configuring how CloudWatch alarms treat missing data").
 */
const MORE_DATAPOINTS = 2;

/** Number of data points that are looked at. */
export function evaluationRangeOf({ evaluationPeriods }: Pick<EvaluationRule, 'evaluationPeriods'>): number {
  return evaluationPeriods + MORE_DATAPOINTS;
}

/**
 * Decides the state of an alarm as CloudWatch documents it ("How alarm state is evaluated when data is missing").
 * @param points whether each data point of the evaluation range is breaching, the newest one first; undefined if it is missing
 */
export function evaluate(
  { evaluationPeriods, datapointsToAlarm, missingData }: EvaluationRule,
  points: readonly (boolean | undefined)[],
  state: AlarmState,
): AlarmState {
  // Missing data points count only where there are not enough real ones.
  const real = points.filter((isBreaching) => isBreaching !== undefined).slice(0, evaluationPeriods);
  const missing = evaluationPeriods - real.length;
  const breaching =
    real.filter((isBreaching) => isBreaching).length + (missingData === 'breaching' ? missing : 0);
  if (breaching >= datapointsToAlarm) return 'ALARM';
  const isDecided = missing === 0 || missingData === 'breaching' || missingData === 'notBreaching';
  if (isDecided || real.includes(false)) return 'OK';
  if (missingData === 'ignore') return state;
  // No real data point is within the threshold. The alarm does not wait for data if the oldest one is old enough.
  return points.lastIndexOf(true) >= datapointsToAlarm - 1 ? 'ALARM' : 'INSUFFICIENT_DATA';
}

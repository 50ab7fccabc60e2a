import type { CheckResult, CheckState, ChecksAnswer } from '../core/api-answers.ts';
import { readCheckResults } from '../shared/check-results.ts';
import type { ApiResources } from './resources.ts';

const MINUTE_MILLISECONDS = 60_000;
/**
 * Minutes after which a run that is due has ended: Lambda repeats one that fails twice, after one and two minutes, and
 * each may take as long as its timeout, five minutes and ten (lib/pipeline).
 */
const LATE_MINUTES = { sweep: 20, verify: 35 };

/** `GET /checks`: the last results of the sweeper and the verifier, from the bucket: the database may stay paused. */
export async function listChecks(
  { s3, bucketName, settings: { checkMinutes } }: Pick<ApiResources, 's3' | 'bucketName' | 'settings'>,
  now = Date.now(),
): Promise<ChecksAnswer> {
  const { sweep, verify } = await readCheckResults(s3, bucketName);
  return {
    sweep: judge(sweep, checkMinutes.sweep, LATE_MINUTES.sweep, now),
    verify: judge(verify, checkMinutes.verify, LATE_MINUTES.verify, now),
  };
}

function judge<Counts>(
  last: CheckResult<Counts> | undefined,
  everyMinutes: number,
  lateMinutes: number,
  now: number,
): CheckState<Counts> {
  if (last === undefined) return { everyMinutes, isOverdue: false };
  const due = Date.parse(last.finishedAt) + everyMinutes * MINUTE_MILLISECONDS;
  const isOverdue = now > due + lateMinutes * MINUTE_MILLISECONDS;
  return { everyMinutes, last, dueAt: new Date(due).toISOString(), isOverdue };
}

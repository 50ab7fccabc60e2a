import type { TelemetryModel } from '../assembly/cloud-model.ts';
import type { AccessControl, Caller } from '../iam/access-control.ts';

/**
 * Authorizes Lambda to log and trace with a function's role (Lambda developer guide, "Execution role"). A denial is
 * reported, and the function runs without.
 */
export function authorizeTelemetry(
  access: AccessControl,
  caller: Caller,
  { logGroupArn, isTraced }: TelemetryModel,
): void {
  const calls = [
    ['logs:CreateLogStream', logGroupArn],
    ['logs:PutLogEvents', logGroupArn],
    ...(isTraced ? ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'].map((action) => [action, '*']) : []),
  ] as const;
  for (const [action, resource] of calls) {
    try {
      access.authorize(caller, action!, resource!);
    } catch {
      // The access control has reported the denial.
    }
  }
}

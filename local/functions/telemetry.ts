import type { TelemetryModel } from '../assembly/cloud-model.ts';
import type { AccessControl, Caller } from '../iam/access-control.ts';

/**
 * Lets Lambda log and trace in the name of a function's role (Lambda developer guide, "Execution role"). Where the
 * role may not, the function runs all the same, and the denial is reported.
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
      // The access control has told whoever listens.
    }
  }
}

import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { arn } from '../assembly/physical-names.ts';
import { refuseInProtocol } from '../gateway/missing-service.ts';
import { ServiceError, type ServiceRequest } from '../gateway/service.ts';
import { TargetService, targetAction } from '../gateway/target-service.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { WatchedAlarm } from './alarms.ts';

/** CloudWatch API reference, "DescribeAlarms". */
const DESCRIBE_ALARMS = z.strictObject({
  AlarmNamePrefix: z.string().min(1).max(255).default(''),
  StateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']).optional(),
  MaxRecords: z.int().min(1).max(100).default(50),
  NextToken: z.string().optional(),
});

/** CloudWatch: DescribeAlarms, in the JSON protocol of the SDK. */
export class CloudWatchService extends TargetService {
  /** @param readAlarms evaluates the alarms now */
  constructor(readAlarms: () => Promise<readonly WatchedAlarm[]>, access: AccessControl) {
    super(
      {
        DescribeAlarms: targetAction(DESCRIBE_ALARMS, async (request, caller) => {
          const { AlarmNamePrefix, StateValue, MaxRecords, NextToken = '0' } = request;
          // A list needs the permission for all alarms: a denial on AWS names `alarm:*` whatever the prefix is.
          access.authorize(caller, 'cloudwatch:DescribeAlarms', arn('cloudwatch', 'alarm:*'));
          if (!/^\d{1,6}$/.test(NextToken)) {
            throw new ServiceError('InvalidNextToken', 'The next token specified is invalid.');
          }
          const found = (await readAlarms()).filter(
            ({ model, state }) => model.name.startsWith(AlarmNamePrefix) && (StateValue ?? state) === state,
          );
          const end = Number(NextToken) + MaxRecords;
          return {
            CompositeAlarms: [],
            MetricAlarms: found.slice(Number(NextToken), end).map(describe),
            ...(end < found.length && { NextToken: String(end) }),
          };
        }),
      },
      'application/x-amz-json-1.0',
    );
  }

  /** Clients choose among three protocols. */
  override async handle(request: ServiceRequest, response: ServerResponse): Promise<void> {
    const { headers } = request.incoming;
    if (headers['x-amz-target'] !== undefined) return super.handle(request, response);
    refuseInProtocol('the local cloud knows CloudWatch in the protocol AWS JSON 1.0 only', headers, response);
  }
}

function describe({ model, state, reason, updatedAt, transitionedAt }: WatchedAlarm): object {
  const { Tags: _, ...properties } = model.properties;
  return {
    ...properties,
    AlarmArn: model.arn,
    ActionsEnabled: true,
    InsufficientDataActions: [],
    StateValue: state,
    StateReason: reason,
    StateUpdatedTimestamp: updatedAt / 1_000,
    StateTransitionedTimestamp: transitionedAt / 1_000,
  };
}

import { z } from 'zod';
import { arn } from '../assembly/physical-names.ts';
import type { ScheduleModel } from '../assembly/readers/function-readers.ts';
import { ServiceError } from '../gateway/service.ts';
import { TargetService, targetAction } from '../gateway/target-service.ts';
import type { AccessControl } from '../iam/access-control.ts';

const DESCRIBE_RULE = z.strictObject({
  Name: z.string().min(1),
  EventBusName: z.literal('default').optional(),
});

/** EventBridge's DescribeRule for the schedules that run. */
export class EventsService extends TargetService {
  constructor(schedules: readonly ScheduleModel[], access: AccessControl) {
    super({
      DescribeRule: targetAction(DESCRIBE_RULE, ({ Name }, caller) => {
        const Arn = arn('events', `rule/${Name}`);
        access.authorize(caller, 'events:DescribeRule', Arn);
        const rule = schedules.find(({ ruleArn }) => ruleArn === Arn);
        if (rule === undefined) {
          throw new ServiceError(
            'ResourceNotFoundException',
            `Rule ${Name} does not exist on EventBus default.`,
          );
        }
        return {
          Name,
          Arn,
          ScheduleExpression: rule.expression,
          State: 'ENABLED',
          EventBusName: 'default',
        };
      }),
    });
  }
}

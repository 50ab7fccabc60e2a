import { z } from 'zod';
import { arn } from '../assembly/physical-names.ts';
import type { ScheduleModel } from '../assembly/readers/function-readers.ts';
import { ServiceError } from '../gateway/service.ts';
import { TargetService, targetAction } from '../gateway/target-service.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { keepFile } from './keep-file.ts';

const BUS = 'default';
/** EventBridge user guide, "Calculating PutEvents event entry size". */
const MAX_ENTRIES_BYTES = 262_144;
const TIME_BYTES = 14;

const DESCRIBE_RULE = z.strictObject({
  Name: z.string().min(1),
  EventBusName: z.literal(BUS).optional(),
});
const PUT_EVENTS = z.strictObject({
  Entries: z
    .array(
      z.strictObject({
        Source: z.string().optional(),
        DetailType: z.string().optional(),
        Detail: z.string().optional(),
        /** In seconds since the epoch. */
        Time: z.number().optional(),
        Resources: z.array(z.string()).optional(),
        EventBusName: z.literal(BUS).optional(),
      }),
    )
    .min(1)
    .max(10),
});
type Entry = z.infer<typeof PUT_EVENTS>['Entries'][number];

/** EventBridge: DescribeRule for the schedules that run, and PutEvents, whose events are kept as files. */
export class EventsService extends TargetService {
  /** @param folder receives a file for each event; no rule gets them */
  constructor(schedules: readonly ScheduleModel[], access: AccessControl, folder: string) {
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
        return { Name, Arn, ScheduleExpression: rule.expression, State: 'ENABLED', EventBusName: BUS };
      }),
      PutEvents: targetAction(PUT_EVENTS, async ({ Entries }, caller) => {
        access.authorize(caller, 'events:PutEvents', arn('events', `event-bus/${BUS}`));
        if (Entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_ENTRIES_BYTES) {
          throw new ServiceError(
            'ValidationException',
            'Total size of the entries in the request is over the limit.',
          );
        }
        const results: object[] = [];
        for (const entry of Entries) {
          results.push(findEntryProblem(entry) ?? { EventId: await keepFile(folder, toEvent(entry)) });
        }
        const FailedEntryCount = results.filter((result) => 'ErrorCode' in result).length;
        return { FailedEntryCount, Entries: results };
      }),
    });
  }
}

function sizeOf({ Source = '', DetailType = '', Detail = '', Time, Resources = [] }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return (
    (Time === undefined ? 0 : TIME_BYTES) + texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  );
}

/** EventBridge answers a wrong entry with a separate error (API reference, "PutEventsResultEntry"). */
function findEntryProblem({ Source = '', DetailType = '', Detail }: Entry) {
  const invalid = (ErrorMessage: string) => ({ ErrorCode: 'InvalidArgument', ErrorMessage });
  if (Source === '' || Source.length > 256)
    return invalid('Parameter Source is not valid. Reason: 1 to 256 characters.');
  if (DetailType === '' || DetailType.length > 128) {
    return invalid('Parameter DetailType is not valid. Reason: 1 to 128 characters.');
  }
  if (/^aws\./i.test(Source)) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  if (!isObject(Detail)) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  return undefined;
}

function isObject(text = ''): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function toEvent({ Source, DetailType, Detail = '', Time, Resources = [] }: Entry) {
  const time = (Time === undefined ? new Date() : new Date(Time * 1_000)).toISOString();
  return {
    source: Source,
    'detail-type': DetailType,
    time,
    resources: Resources,
    detail: JSON.parse(Detail) as unknown,
  };
}

import { createReadStream, existsSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { arn } from '../assembly/physical-names.ts';
import { ServiceError } from '../gateway/service.ts';
import { TargetService, targetAction } from '../gateway/target-service.ts';
import type { AccessControl } from '../iam/access-control.ts';

/** A log group, and the file that a function writes. */
export interface LogGroup {
  readonly name: string;
  readonly file: string;
}

/** CloudWatch Logs API reference, "FilterLogEvents". */
const MAX_EVENTS = 10_000;
const MAX_PAGE_BYTES = 1024 ** 2;
const STREAM = 'local';

const MILLISECONDS = z.int().min(0);
const FILTER_LOG_EVENTS = z.strictObject({
  logGroupName: z.string().min(1),
  startTime: MILLISECONDS.default(0),
  endTime: MILLISECONDS.default(Number.MAX_SAFE_INTEGER),
  interleaved: z.boolean().optional(),
  limit: z.int().min(1).max(MAX_EVENTS).default(MAX_EVENTS),
  /** Number of the line that the page begins with. */
  nextToken: z
    .string()
    .regex(/^\d{1,15}$/)
    .default('0'),
});
const DESCRIBE_LOG_GROUPS = z.strictObject({
  logGroupNamePrefix: z.string().default(''),
  limit: z.int().min(1).max(50).optional(),
});

/** The actions of CloudWatch Logs that read: a group has one stream, and each line of its file is an event. */
export class LogsService extends TargetService {
  constructor(groups: readonly LogGroup[], access: AccessControl) {
    super({
      DescribeLogGroups: targetAction(DESCRIBE_LOG_GROUPS, ({ logGroupNamePrefix, limit }, caller) => {
        access.authorize(caller, 'logs:DescribeLogGroups', arn('logs', 'log-group::log-stream:'));
        const found = groups.filter(({ name }) => name.startsWith(logGroupNamePrefix)).slice(0, limit);
        return { logGroups: found.map(describe) };
      }),
      FilterLogEvents: targetAction(FILTER_LOG_EVENTS, async ({ logGroupName, ...filter }, caller) => {
        access.authorize(caller, 'logs:FilterLogEvents', arnOf(logGroupName));
        const group = groups.find(({ name }) => name === logGroupName);
        if (group === undefined) {
          throw new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');
        }
        return filterEvents(group, filter);
      }),
    });
  }
}

function describe({ name, file }: LogGroup) {
  const { birthtimeMs = 0, size = 0 } = existsSync(file) ? statSync(file) : {};
  return { logGroupName: name, arn: arnOf(name), creationTime: Math.round(birthtimeMs), storedBytes: size };
}

function arnOf(name: string): string {
  return `${arn('logs', `log-group:${name}`)}:*`;
}

type Filter = Omit<z.infer<typeof FILTER_LOG_EVENTS>, 'logGroupName'>;

async function filterEvents({ file }: LogGroup, { startTime, endTime, limit, nextToken }: Filter) {
  const events: object[] = [];
  if (!existsSync(file)) return { events, searchedLogStreams: [] };
  let [number, bytes, timestamp] = [0, 0, Math.round(statSync(file).birthtimeMs)];
  for await (const message of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    timestamp = readTimestamp(message) ?? timestamp;
    const isWanted = number >= Number(nextToken) && timestamp >= startTime && timestamp <= endTime;
    if (isWanted && message !== '') {
      bytes += Buffer.byteLength(message);
      const isFull = events.length === limit || (events.length > 0 && bytes > MAX_PAGE_BYTES);
      if (isFull) return { events, searchedLogStreams: [], nextToken: String(number) };
      const eventId = String(number).padStart(20, '0');
      events.push({ eventId, logStreamName: STREAM, timestamp, ingestionTime: timestamp, message });
    }
    number++;
  }
  return { events, searchedLogStreams: [] };
}

/** Reads the time of a line in JSON. Other lines, as those of Lambda itself, have that of the line before. */
function readTimestamp(line: string): number | undefined {
  const [, text = ''] = /^\{.*"timestamp":"([^"]+)"/.exec(line) ?? [];
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

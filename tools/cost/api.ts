import { DAYS_PER_MONTH, type PriceName } from './prices.ts';

/** Use of the API. The rows and the objects of collected calls count in the rows and files of the workload. */
export interface ApiWorkload {
  /** Calls with single rows or many, of at most 64 KB. */
  readonly callsPerDay: number;
  /** WebSocket messages from tills, of at most 32 KB. */
  readonly messagesPerDay: number;
  /** Tills that are connected all day. */
  readonly connections: number;
}

/**
 * A call of the function `api` with one row: measured by hand on 2026-11-21 with 60 calls on the local cloud, except the
 * time that SQS takes on AWS, which is a guess. The log has the function's lines and the line of the access log.
 */
const PER_CALL = { cpuMilliseconds: 2.1, waitMilliseconds: 15, logBytes: 900 };
/** Memory of the functions of the API (lib/pipeline/function.ts). */
export const API_MEMORY_MIB = 512;
/** SQS receives and deletes at most ten messages with a request. */
const MESSAGES_PER_RECEIVE = 10;
/** API Gateway ends a connection after two hours. */
const CONNECTS_PER_DAY = 12;
const SECONDS_PER_DAY = 86_400;

/** Consumption of a month. */
export function consumeApi({ callsPerDay, messagesPerDay, connections }: ApiWorkload) {
  const connects = connections * CONNECTS_PER_DAY * DAYS_PER_MONTH;
  const calls = callsPerDay * DAYS_PER_MONTH;
  const messages = messagesPerDay * DAYS_PER_MONTH;
  const queued = calls + messages;
  // Each connection needs a ticket, and calls the authorizer and the function.
  const invocations = queued + 3 * connects;
  const minutes = connections * (SECONDS_PER_DAY / 60) * DAYS_PER_MONTH;
  const gateway: readonly (readonly [item: string, price: PriceName, quantity: number])[] = [
    ['HTTP requests', 'httpRequests', calls + connects],
    // Each message has an answer, and a connection is a message too.
    ['WebSocket messages', 'webSocketMessages', 2 * messages + connects],
    ['connection minutes', 'connectionMinutes', minutes],
  ];
  return {
    gateway,
    invocations,
    sqsRequests: queued * (1 + 2 / MESSAGES_PER_RECEIVE),
    cpuMilliseconds: invocations * PER_CALL.cpuMilliseconds,
    waitMilliseconds: invocations * PER_CALL.waitMilliseconds,
    logBytes: invocations * PER_CALL.logBytes,
  };
}

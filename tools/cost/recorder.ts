import type { Delivery, FaultPlan, FunctionCall } from '../../local/faults/fault-plan.ts';
import { ceilDiv } from './money.ts';

export const DATA_API_REQUEST_BYTES = 32_768n;

/** What functions asked the gateway for, in numbers. */
export interface Calls {
  readonly s3Writes: number;
  readonly s3Reads: number;
  readonly dataApiCalls: number;
  readonly dataApiRequests: number;
  /** Messages that the consumer got. */
  readonly messages: number;
  /** By what a function's name contains. */
  readonly deliveries: Readonly<Record<'parse' | 'load', number>>;
}

/** A plan of faults that has none: it is asked at each call and delivery, and counts them. */
export class Recorder implements FaultPlan {
  #calls: FunctionCall[] = [];
  #deliveries: Delivery[] = [];

  onCall(call: FunctionCall): undefined {
    this.#calls.push(call);
  }

  onDelivery(delivery: Delivery): undefined {
    this.#deliveries.push(delivery);
  }

  /** What parser and consumer did since the last time. */
  take(): Calls {
    const calls = this.#calls.splice(0).filter(({ functionName }) => /parser|consumer/.test(functionName));
    const deliveries = this.#deliveries.splice(0);
    const to = (name: string) => deliveries.filter(({ functionName }) => functionName.includes(name));
    const statements = calls.filter(({ action }) => action === 'ExecuteStatement');
    return {
      s3Writes: calls.filter(({ action }) => /^(Put|Upload|Create|Complete|List)/.test(action)).length,
      s3Reads: calls.filter(({ action }) => /^(Get|Head)Object$/.test(action)).length,
      dataApiCalls: statements.length,
      dataApiRequests: statements.reduce((sum, { requestBytes }) => {
        return sum + Number(ceilDiv(BigInt(requestBytes), DATA_API_REQUEST_BYTES));
      }, 0),
      messages: to('load').reduce((sum, { messageIds }) => sum + messageIds.length, 0),
      deliveries: { parse: to('parse').length, load: to('load').length },
    };
  }
}

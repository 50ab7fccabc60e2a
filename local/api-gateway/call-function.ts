import { setTimeout as sleep } from 'node:timers/promises';
import { arn } from '../assembly/physical-names.ts';
import { ConcurrencyLimit, ThrottledError } from '../functions/concurrency-limit.ts';
import type { FunctionHost } from '../functions/function-host.ts';
import type { AccessControl } from '../iam/access-control.ts';

/** Lambda developer guide, "Lambda quotas": event and answer of a synchronous invocation, 6 MB. */
const MAX_PAYLOAD_BYTES = 6 * 1024 ** 2;

/** The event of an invocation is too long. */
export class EventTooLargeError extends Error {
  override readonly name = 'EventTooLargeError';
}

/** The integration did not answer in time. The function continues. */
export class IntegrationTimeoutError extends Error {
  override readonly name = 'IntegrationTimeoutError';
}

export interface FunctionCall {
  readonly functionArn: string;
  readonly timeoutMilliseconds: number;
  /** Caller of the function: the part of its ARN after the id of the API. */
  readonly source: string;
}

/** Calls functions with the permission of API Gateway. */
export class FunctionCaller {
  #access: AccessControl;
  #hosts: readonly Pick<FunctionHost, 'invoke' | 'model' | 'noteThrottled'>[];
  #isClosed = false;
  #limits = new Map<string, ConcurrencyLimit>();

  constructor(
    access: AccessControl,
    hosts: readonly Pick<FunctionHost, 'invoke' | 'model' | 'noteThrottled'>[],
  ) {
    this.#access = access;
    this.#hosts = hosts;
  }

  /** Starts no more calls, not even those that wait for their turn. */
  close(): void {
    this.#isClosed = true;
  }

  /** @throws {Error} what the function threw, or why it was not called or did not answer in time */
  async call(
    apiId: string,
    { functionArn, timeoutMilliseconds, source }: FunctionCall,
    event: object,
  ): Promise<unknown> {
    const host = this.#hosts.find(({ model }) => model.arn === functionArn);
    if (host === undefined) throw new Error(`there is no function ${functionArn}`);
    const sourceArn = apiArn(apiId, source);
    this.#access.authorizeService('apigateway', 'lambda:InvokeFunction', functionArn, sourceArn);
    if (Buffer.byteLength(JSON.stringify(event)) > MAX_PAYLOAD_BYTES) throw new EventTooLargeError();
    const limit = this.#limits.get(functionArn) ?? new ConcurrencyLimit();
    this.#limits.set(functionArn, limit);
    const ended = new AbortController();
    const timeout = sleep(timeoutMilliseconds, undefined, { signal: ended.signal }).then(() => {
      throw new IntegrationTimeoutError(`no answer in ${timeoutMilliseconds} ms`);
    });
    const answer = limit.run(async () => {
      // A function that was stopped would start again.
      if (this.#isClosed) throw new Error('the local cloud stops');
      return host.invoke(event);
    });
    answer.catch((error: Error) => {
      if (error instanceof ThrottledError) host.noteThrottled();
    });
    try {
      const result = await Promise.race([answer, timeout]);
      if (Buffer.byteLength(JSON.stringify(result) ?? '') <= MAX_PAYLOAD_BYTES) return result;
      throw new Error(`the answer of the function is longer than ${MAX_PAYLOAD_BYTES} bytes`);
    } finally {
      timeout.catch(() => undefined);
      ended.abort();
    }
  }
}

/** ARN of a part of an API, such as `<stage>/<method>/<path>`. */
export function apiArn(apiId: string, part: string): string {
  return arn('execute-api', `${apiId}/${part}`);
}

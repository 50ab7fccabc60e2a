import { Agent, request as sendRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import type { TestCloud } from '../../support/test-cloud.ts';
import { type RawRequest, signHeaders } from '../../unit/local/sign-request.ts';

const deep = JSON.parse('['.repeat(500) + ']'.repeat(500)) as unknown;
const DEEP_TEXT = '{"a":['.repeat(50_000) + ']}'.repeat(50_000);
/** Values that no member of a request has. */
export const WRONG = fc.constantFrom<unknown>(
  ...[null, true, -1, 1.5, 25, 1e308, '', '\0', '\ud800', '../..', '__proto__', "'; SELECT 1; --", '&#0;'],
  ...[[], {}, [null], [[1]], { toString: 5 }, { constructor: { prototype: 1 } }, 'x'.repeat(5_000), deep],
);

/** One of the words of a text. */
export function oneOf(words: string): fc.Arbitrary<string> {
  return fc.constantFrom(...words.split(' '));
}

/** A valid body in which one member is wrong, missing or unknown, or a body that is none. */
export function spoil(body: object): fc.Arbitrary<string> {
  const member = fc.constantFrom(...Object.keys(body), 'unknown', '__proto__', 'constructor');
  const replaced = fc.tuple(member, fc.oneof(WRONG, fc.jsonValue(), fc.constant(undefined)));
  return fc.oneof(
    { weight: 8, arbitrary: replaced.map(([name, value]) => JSON.stringify({ ...body, [name]: value })) },
    { weight: 1, arbitrary: fc.oneof(fc.json(), fc.string({ maxLength: 50 }), fc.constant(DEEP_TEXT)) },
    { weight: 1, arbitrary: WRONG.map((value) => JSON.stringify(value) ?? '') },
  );
}

/** Sends signed requests as they are written, over a connection that stays open. */
export class Sender {
  #agent = new Agent({ keepAlive: true });
  #cloud: TestCloud;

  constructor(cloud: TestCloud) {
    this.#cloud = cloud;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** @returns the status and the body of the answer */
  async send(request: RawRequest): Promise<string> {
    const { endpoint } = this.#cloud.cloud.running;
    const signed = await signHeaders({ endpoint, keys: this.#cloud.cloud.keys } as never, request);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const { port } = new URL(endpoint);
    const headers = { ...signed, 'content-length': Buffer.byteLength(request.body ?? '') };
    const options = {
      host: '127.0.0.1',
      port,
      agent: this.#agent,
      method: request.method,
      path: request.path,
      headers,
    };
    const outgoing = sendRequest(options, (response) => {
      text(response).then((body) => resolve(`${response.statusCode} ${body}`), reject);
    });
    outgoing.setTimeout(20_000, () => outgoing.destroy(new Error('no answer')));
    outgoing.once('error', reject);
    outgoing.end(request.body ?? '');
    return promise;
  }
}

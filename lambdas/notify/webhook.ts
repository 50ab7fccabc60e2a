import { createHmac } from 'node:crypto';
import { type LookupAddress, type LookupAllOptions, lookup as lookupAll } from 'node:dns';
import { request } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { PermanentError } from '../shared/errors.ts';

const TIMEOUT_MILLISECONDS = 10_000;
/** Answers that a later try may change: the receiver is busy, or slow. */
const PASSING_STATUSES = [408, 425, 429];

/** Addresses of private and special networks (IANA, "IPv4 Special-Purpose Address Registry"), and multicast. */
const NOT_PUBLIC = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv4');
}
/** Only global unicast, without the networks that contain other addresses or are for examples (IANA, same for IPv6). */
const GLOBAL = new BlockList();
GLOBAL.addSubnet('2000::', 3, 'ipv6');
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv6');
}

/** True for an address on the internet. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return !NOT_PUBLIC.check(address, family) && (family === 'ipv4' || GLOBAL.check(address, family));
}

/** Resolves a name, and fails if one of its addresses is not public: the connection then uses what was checked. */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookupAll(hostname, { ...options, all: true } as LookupAllOptions, (error, addresses) => {
    if (error) return callback(error, '', 4);
    const refused = addresses.find(({ address }) => !isPublicAddress(address));
    if (refused !== undefined) return callback(refuse(hostname, refused.address), '', 4);
    if (options.all) return callback(null, addresses as LookupAddress[]);
    const [{ address, family }] = addresses as [LookupAddress];
    return callback(null, address, family);
  });
};

function refuse(hostname: string, address: string): PermanentError {
  const advice = 'Write a public address in retail:notify';
  return new PermanentError(`the webhook's host ${hostname} is not on the internet (${address}). ${advice}`);
}

export interface WebhookCall {
  readonly url: string;
  /** Id of the receipt, the same for every try. */
  readonly id: string;
  readonly body: string;
  readonly key: Buffer;
}

/**
 * Signs a call as "Standard Webhooks" specifies it, for whose signatures many languages have a library.
 * @param seconds time of the try, since the epoch
 */
export function signWebhook({ id, body, key }: WebhookCall, seconds: number): Record<string, string> {
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${signature}`,
  };
}

/**
 * Posts a receipt to a store's address on the internet. Redirects are not followed.
 * @throws {PermanentError} if the receiver refuses the call, or its address is not public
 * @throws {Error} if another try can help
 */
export async function postWebhook(call: WebhookCall, send: typeof post = post): Promise<void> {
  const { hostname } = new URL(call.url);
  const address = hostname.replace(/^\[|\]$/g, '');
  // Node asks no resolver for an address.
  if (isIP(address) !== 0 && !isPublicAddress(address)) throw refuse(hostname, address);
  const status = await send(call, signWebhook(call, Math.floor(Date.now() / 1_000)));
  if (status >= 200 && status < 300) return;
  const message = `the webhook of ${hostname} answered with status ${status}`;
  const isFinal = status >= 300 && status < 500 && !PASSING_STATUSES.includes(status);
  throw isFinal ? new PermanentError(message) : new Error(message);
}

function post({ url, body }: WebhookCall, signature: Record<string, string>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const outgoing = request(url, {
    method: 'POST',
    headers: {
      ...signature,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'retail-pipeline',
    },
    lookup: lookupPublic,
    agent: false,
    // For the whole call. The timeout of a socket would begin again with every byte.
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  outgoing.once('error', reject);
  outgoing.once('response', (answer) => {
    resolve(answer.statusCode!);
    // Its body does not matter.
    answer.destroy();
  });
  outgoing.end(body);
  return promise;
}

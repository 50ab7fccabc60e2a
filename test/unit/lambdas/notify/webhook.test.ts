import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import {
  isPublicAddress,
  lookupPublic,
  postWebhook,
  signWebhook,
} from '../../../../lambdas/notify/webhook.ts';
import { PermanentError } from '../../../../lambdas/shared/errors.ts';
import { deriveWebhookKey, formatWebhookKey } from '../../../../lambdas/shared/webhook-key.ts';

test('a call is signed as the example of Standard Webhooks', () => {
  const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
  const call = { url: '', id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}', key };
  expect(signWebhook(call, 1_614_265_330)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('each store has its own key', () => {
  const [one, two] = ['oslo', 'bergen'].map((store) => deriveWebhookKey('secret', store));
  expect(one).not.toEqual(two);
  expect(formatWebhookKey(one!)).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
});

describe('an address on the internet', () => {
  test.each(['93.184.216.34', '8.8.8.8', '172.15.0.1', '172.32.0.1', '2606:2800:220:1:248:1893:25c8:1946'])(
    '%s',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    'fd00:ec2::254',
    'fe80::1',
    'ff02::1',
    '2001:db8::1',
    '2002:a00:1::',
  ])('is not %s', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('the name of a host', () => {
  const resolve = (name: string, all: boolean) =>
    new Promise<string | LookupAddress[]>((done, fail) => {
      lookupPublic(name, { all }, (error, address) => (error ? fail(error) : done(address)));
    });

  test.each([true, false])('that leads to a private address is refused for good', async (all) => {
    await expect(resolve('localhost', all)).rejects.toThrow(
      /localhost is not on the internet \((127\.0\.0\.1|::1)\)/,
    );
    await expect(resolve('localhost', all)).rejects.toBeInstanceOf(PermanentError);
  });

  test('that nothing resolves may be tried again', async () => {
    await expect(resolve('no-such-host.invalid', false)).rejects.not.toBeInstanceOf(PermanentError);
  });
});

describe('a call', () => {
  const call = { url: 'https://shop.example.com/hook', id: 'id', body: '{}', key: Buffer.from('k') };
  const answered = (status: number) => postWebhook(call, async () => status);

  test.each([200, 204])('that is answered with %i is delivered', (status) => answered(status));

  test.each([301, 302, 307, 400, 401, 404, 410, 422])(
    'that is answered with %i is refused for good',
    async (status) => {
      await expect(answered(status)).rejects.toBeInstanceOf(PermanentError);
      await expect(answered(status)).rejects.toThrow(`shop.example.com answered with status ${status}`);
    },
  );

  test.each([408, 425, 429, 500, 503])('that is answered with %i is tried again', async (status) => {
    await expect(answered(status)).rejects.not.toBeInstanceOf(PermanentError);
  });

  test.each([
    'https://127.0.0.1/hook',
    'https://[::1]/hook',
    'https://169.254.169.254/latest',
    'https://2130706433/',
  ])('to %s is refused before it is sent', async (url) => {
    const send = async () => expect.fail('it was sent');
    await expect(postWebhook({ ...call, url }, send)).rejects.toThrow('not on the internet');
  });

  test('to a name of this machine is refused by the connection itself', async () => {
    await expect(postWebhook({ ...call, url: 'https://localhost:1/hook' })).rejects.toBeInstanceOf(
      PermanentError,
    );
  });
});

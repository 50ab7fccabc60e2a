import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, addressOf, authorizeCalls, get, onSignedOut, post } from '../../../console/api.ts';

const fetched = vi.fn<typeof fetch>();
beforeEach(() => {
  fetched.mockReset();
  vi.stubGlobal('fetch', fetched);
});
afterEach(() => {
  vi.unstubAllGlobals();
  authorizeCalls(async () => undefined);
});

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(status === 304 ? null : JSON.stringify(body), { status, headers });
const headersOf = (call: number) => fetched.mock.calls[call]![1]!.headers as Record<string, string>;
const failureOf = async (work: Promise<unknown>): Promise<ApiError> => {
  const error = await work.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
};

describe('a call', () => {
  it('goes to an address beside the page, without parameters that have no value', () => {
    expect(addressOf('/uploads', { store: 'main', day: undefined, before: '', name: 'a&b=c' })).toBe(
      '../uploads?store=main&name=a%26b%3Dc',
    );
    expect(addressOf('/status')).toBe('../status');
  });

  it('has the same answer, as the same object, while its tag is the same', async () => {
    fetched.mockResolvedValueOnce(answer(200, { a: 1 }, { etag: '"1"' }));
    fetched.mockResolvedValueOnce(answer(304, undefined));
    const [first, second] = [await get('/tagged'), await get('/tagged')];
    expect(second).toBe(first);
    expect(headersOf(1)['if-none-match']).toBe('"1"');
  });

  it('has its token, if the person has one', async () => {
    authorizeCalls(async () => 'Bearer t');
    fetched.mockResolvedValueOnce(answer(201, { id: 1 }));
    expect(await post('/stores/main/uploads', { fileName: 'a.csv' }, { 'idempotency-key': 'k' })).toEqual({
      id: 1,
    });
    expect(headersOf(0)).toMatchObject({
      authorization: 'Bearer t',
      'content-type': 'application/json',
      'idempotency-key': 'k',
    });
  });

  it('that its caller has stopped is not a failure to show', async () => {
    fetched.mockRejectedValueOnce(new DOMException('stopped', 'AbortError'));
    await expect(get('/status', {}, AbortSignal.abort())).rejects.not.toBeInstanceOf(ApiError);
  });
});

const problem = (detail: string) => ({ type: 'urn:retail:problem:x', title: 't', status: 1, detail });
describe('a failure', () => {
  it.each<[number, unknown, Record<string, string>, Partial<ApiError>]>([
    [401, { message: 'Unauthorized' }, {}, { trouble: 'signed-out' }],
    [403, { message: 'Forbidden' }, {}, { trouble: 'signed-out' }],
    [403, problem('Not your store.'), {}, { trouble: 'forbidden', message: 'Not your store.' }],
    [404, problem('No such upload.'), {}, { trouble: 'missing', message: 'No such upload.' }],
    [400, problem('Correct it.'), {}, { trouble: 'invalid', message: 'Correct it.' }],
    [429, { message: 'Too Many Requests' }, {}, { trouble: 'resuming', retryAfter: 2 }],
    [503, problem('Send it again.'), { 'retry-after': '7' }, { trouble: 'resuming', retryAfter: 7 }],
    [503, { message: 'Service Unavailable' }, {}, { trouble: 'resuming', retryAfter: 5 }],
    [500, { message: 'Internal Server Error' }, {}, { trouble: 'failed', status: 500 }],
  ])('with the status %i and %j says what to do', async (status, body, headers, expected) => {
    fetched.mockResolvedValueOnce(answer(status, body, headers));
    const { trouble, status: given, message, retryAfter } = await failureOf(get('/x'));
    expect({ trouble, status: given, message, retryAfter }).toMatchObject({ status, ...expected });
    expect(message).toMatch(/^[A-Z].*\.$/);
  });

  it('is a lost connection if there is no answer, or half of one, or no token', async () => {
    fetched.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    expect((await failureOf(get('/x'))).trouble).toBe('offline');
    fetched.mockResolvedValueOnce(new Response('{"a":'));
    expect((await failureOf(get('/x'))).trouble).toBe('offline');
    authorizeCalls(() => Promise.reject(new Error('no provider')));
    expect((await failureOf(get('/x'))).trouble).toBe('offline');
  });

  it('tells the frame of the page when the session ends, and when it is there again', async () => {
    const heard: boolean[] = [];
    const stop = onSignedOut((isOut) => heard.push(isOut));
    fetched.mockResolvedValueOnce(answer(403, { message: 'Forbidden' }));
    await failureOf(get('/x'));
    fetched.mockResolvedValueOnce(answer(200, {}));
    await get('/x');
    fetched.mockRejectedValueOnce(new TypeError('Failed to fetch'));
    await failureOf(get('/x'));
    stop();
    expect(heard).toEqual([true, false]);
  });
});

import { expect, test } from 'vitest';
import { apiAuthenticator } from '../../../../local/gateway/authenticate.ts';
import { CONTROL_PATH, LocalControl, type Stoppable } from '../../../../local/gateway/control.ts';
import { createSignInLink } from '../../../../local/gateway/sign-in.ts';
import { addFunction, startGateway } from '../running-gateway.ts';
import { sendSigned } from '../sign-request.ts';

const calls: string[] = [];
const database: Stoppable = {
  get isRunning() {
    return calls.at(-1) !== 'pause';
  },
  pause: async () => void calls.push('pause'),
  resume: async () => void calls.push('resume'),
};
const running = await startGateway(() => ({}));
const { gateway, endpoint, access, keys } = running;
const control = new LocalControl(apiAuthenticator({ access, keys }, gateway.signIn), database);
gateway.serveControl(control);
control.serveScheduled({
  names: ['nightly', 'broken'],
  async invoke(name) {
    if (name === 'broken') throw new Error('it fails');
    calls.push(name);
  },
});
addFunction(access, 'some-function', [{ Effect: 'Allow', Action: '*', Resource: '*' }]);

const PATH = `${CONTROL_PATH}database`;
const send = (path: string, method = 'POST', accessKeyId?: string) =>
  sendSigned(running, { path, method, service: 'execute-api', ...(accessKeyId && { accessKeyId }) });

async function signIn(): Promise<string> {
  const link = createSignInLink(
    { endpoint, signInSecret: gateway.signIn.secret },
    `${endpoint}/_api/a/console`,
  );
  const { headers } = await fetch(link, { redirect: 'manual' });
  return headers.get('set-cookie')!.split(';')[0]!;
}

test('the operator stops and starts the database, by signature', async () => {
  const answers = [await send(`${PATH}/stop`), await send(PATH, 'GET'), await send(`${PATH}/start`)];
  expect(await Promise.all(answers.map(async (answer) => [answer.status, await answer.json()]))).toEqual([
    [200, { isRunning: false }],
    [200, { isRunning: false }],
    [200, { isRunning: true }],
  ]);
  expect(calls.splice(0)).toEqual(['pause', 'resume']);
});

test('a page of this gateway does so with its session, and no page elsewhere', async () => {
  const cookie = await signIn();
  const post = (headers: Record<string, string>) =>
    fetch(`${endpoint}${PATH}/stop`, { method: 'POST', headers: { cookie, ...headers } });
  expect((await post({ origin: endpoint, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  expect(calls.splice(0)).toEqual(['pause']);
  const refused: Record<string, string>[] = [
    { origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' },
    { origin: endpoint, 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: endpoint, 'sec-fetch-site': 'same-origin', cookie: '' },
  ];
  for (const headers of refused) expect((await post(headers)).status, JSON.stringify(headers)).toBe(403);
  expect(calls).toEqual([]);
});

test('the operator runs a function that a schedule calls, while the database is there', async () => {
  const run = async (name: string) => {
    const answer = await send(`${CONTROL_PATH}scheduled/${name}`);
    return [answer.status, await answer.json()];
  };
  expect(await run('nightly')).toEqual([200, {}]);
  expect(calls.splice(0)).toEqual(['nightly']);
  expect(await run('broken')).toEqual([500, { detail: 'The function broken failed. Its log says why.' }]);
  await send(`${PATH}/stop`);
  expect(await run('nightly')).toEqual([409, { detail: 'The database is stopped. Start it first.' }]);
  expect(calls.splice(0)).toEqual(['pause']);
});

test.each([
  ['a function that runs another,', `${CONTROL_PATH}scheduled/nightly`, 'POST', 'some-function', 403],
  ['an unknown function', `${CONTROL_PATH}scheduled/other`, 'POST', undefined, 404],
  ['a read of a function', `${CONTROL_PATH}scheduled/nightly`, 'GET', undefined, 404],
  ['a function, whatever its policy allows', `${PATH}/stop`, 'POST', 'some-function', 403],
  ['a wrong method', `${PATH}/stop`, 'GET', undefined, 404],
  ['an unknown action', `${PATH}/drop`, 'POST', undefined, 404],
  ['another part', `${CONTROL_PATH}queues/stop`, 'POST', undefined, 404],
])('%s is refused', async (_, path, method, accessKeyId, status) => {
  expect((await send(path, method, accessKeyId)).status).toBe(status);
  expect(calls).toEqual([]);
});

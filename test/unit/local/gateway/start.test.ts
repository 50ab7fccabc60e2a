import { expect, test } from 'vitest';
import { Gateway } from '../../../../local/gateway/gateway.ts';
import { AccessControl } from '../../../../local/iam/access-control.ts';
import { AccessKeys } from '../../../../local/iam/access-keys.ts';

test('a request that arrives while the services start is answered once they are there', async () => {
  const gateway = new Gateway(new AccessControl(() => undefined), new AccessKeys('secret'), () => undefined);
  const answers: number[] = [];
  const endpoint = await gateway.listen(0);
  const request = fetch(endpoint).then(({ status }) => void answers.push(status));
  // Another connection shows that the gateway has handled the first request by now.
  expect((await fetch(endpoint, { headers: { origin: 'http://example.com' } })).status).toBe(403);
  expect(answers).toEqual([]);
  gateway.serve({});
  await request;
  expect(answers).toEqual([400]);
  await gateway.close();
});

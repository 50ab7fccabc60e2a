import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeNativeJson } from '../../../../lambdas/shared/native-json.ts';

interface Request {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
const requests: Request[] = [];
const server = createServer(async (incoming, response) => {
  requests.push({ path: incoming.url, headers: incoming.headers, body: await text(incoming) });
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end('{}');
});
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Bodies that the SDK signed. */
const signed: string[] = [];
const settings = () => ({
  endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  region: 'us-east-1',
  credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  maxAttempts: 1,
  signer: {
    sign: async <R>(request: R) => {
      const { body } = request as { body: string | Uint8Array };
      signed.push(typeof body === 'string' ? body : new TextDecoder().decode(body));
      return request;
    },
  },
});
const body = `{"names":"{\\"a \\\\\\"b\\\\\\"\\",é🧀\u2028}","rest":"${'x'.repeat(10_000)}"}`;
const command = new ExecuteStatementCommand({
  resourceArn: 'cluster',
  secretArn: 'secret',
  database: undefined,
  sql: 'SELECT :a',
  parameters: [{ name: 'a', value: { stringValue: body } }],
  includeResultMetadata: true,
});

test('a request equals the request of the SDK except for the order of its members', async () => {
  for (const write of [(client: RDSDataClient) => client, writeNativeJson]) {
    const client = write(new RDSDataClient(settings()));
    await client.send(command);
    client.destroy();
  }
  const [bySdk, natively] = requests;
  expect(JSON.parse(natively!.body)).toEqual(JSON.parse(bySdk!.body));
  expect(signed).toEqual([bySdk!.body, natively!.body]);
  expect(natively!.path).toBe(bySdk!.path);
  for (const name of ['content-type', 'content-length']) {
    expect(natively!.headers[name]).toBe(bySdk!.headers[name]);
  }
});

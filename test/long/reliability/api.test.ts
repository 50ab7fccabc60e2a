import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AcceptedCall } from '../../../lambdas/core/api-answers.ts';
import { TICKET_PARAMETER } from '../../../lambdas/shared/api-routes.ts';
import { createTicket } from '../../../lambdas/shared/ticket.ts';
import type { CallFault, DeliveryFault, FaultPlan } from '../../../local/faults/fault-plan.ts';
import { ApiSocket } from '../../../tools/api-client.ts';
import { AccountedCloud } from '../../support/accounted-cloud.ts';

let cloud: AccountedCloud;
beforeAll(async () => {
  cloud = await AccountedCloud.start();
});
afterAll(() => cloud?.stop());

interface Counted extends FaultPlan {
  happened: number;
}

/** The first calls of an action by a function fail in this way. */
function firstCalls(folder: string, action: string, count: number, fault: CallFault): Counted {
  const plan: Counted = {
    happened: 0,
    onCall(call) {
      const isMeant = call.functionName.includes(`-pipeline-${folder}`) && call.action === action;
      if (!isMeant || plan.happened === count) return undefined;
      plan.happened++;
      return fault;
    },
  };
  return plan;
}

function firstDeliveries(count: number, fault: DeliveryFault): Counted {
  const plan: Counted = {
    happened: 0,
    onDelivery({ functionName }) {
      if (!functionName.includes('-pipeline-collect') || plan.happened === count) return undefined;
      plan.happened++;
      return fault;
    },
  };
  return plan;
}

const transports = ['http', 'socket'] as const;
const receiptOf = ({ text }: { text: string }) => (JSON.parse(text) as AcceptedCall).receipt;

describe('a call', () => {
  test.each([
    ['once, and the SDK repeats it', 1],
    ['so often that the caller repeats it', 3],
  ])('whose answer is lost after the queue took it: %s', async (_what, count) => {
    for (const transport of transports) {
      const fault = firstCalls('api', 'SendMessage', count, { kind: 'reset', when: 'after' });
      cloud.begin(fault);
      const call = cloud.makeCall(transport);
      const { answer } = await cloud.send(call);
      expect((await cloud.send(call)).answer).toEqual(answer);
      await cloud.expectAccounted();
      expect(fault.happened).toBe(count);
    }
  });

  test.each(['before', 'after'] as const)(
    'whose function crashes %s it sends the message is accepted when it is repeated',
    async (when) => {
      for (const transport of transports) {
        const fault = firstCalls('api', 'SendMessage', 2, { kind: 'crash', when });
        cloud.begin(fault);
        await cloud.send(cloud.makeCall(transport));
        await cloud.expectAccounted();
        expect(fault.happened).toBe(2);
      }
    },
  );

  test('that the queue throttles is answered with 503 and Retry-After, and has no receipt', async () => {
    const throttling = { kind: 'error', when: 'before', code: 'ThrottlingException', status: 400 } as const;
    cloud.begin(firstCalls('api', 'SendMessage', Number.POSITIVE_INFINITY, throttling));
    const { lines } = cloud.makeCall();
    const { status, headers, text } = await cloud.api.sendItems(cloud.storeId, lines);
    expect([status, headers['retry-after'], headers['content-type']]).toEqual([
      503,
      '5',
      'application/problem+json',
    ]);
    expect(text).toMatch(/Nothing was accepted.*again/);
    expect(text).not.toContain('receipt');
    using socket = await ApiSocket.open(await cloud.api.fetchTicket(cloud.storeId));
    expect(await socket.ask(`{"action":"transactions","id":"1","items":[${lines[0]}]}`)).toMatchObject({
      id: '1',
      error: { code: 'unavailable' },
    });
    cloud.faults = {};
    await cloud.send(cloud.makeCall());
    // Nothing of the refused calls is in an object.
    await cloud.expectAccounted();
  });
});

describe('an Idempotency-Key', () => {
  test('has the same receipt with the same body, and is refused with another one', async () => {
    cloud.begin();
    const call = { ...cloud.makeCall(), idempotencyKey: 'sale 1' };
    const { answer } = await cloud.send(call);
    const again = await cloud.api.sendItems(cloud.storeId, call.lines, 'sale 1');
    expect([again.status, receiptOf(again)]).toEqual([202, answer.receipt]);
    const other = await cloud.api.sendItems(cloud.storeId, call.lines.slice(1), 'sale 1');
    expect(other.status).toBe(422);
    expect(other.text).toContain('urn:retail:problem:idempotency-key-reused');
    // The key of another store is another key.
    const store = cloud.storeId;
    cloud.begin();
    expect((await cloud.send({ ...cloud.makeCall(), idempotencyKey: 'sale 1' })).answer.receipt).not.toBe(
      answer.receipt,
    );
    expect(cloud.storeId).not.toBe(store);
    await cloud.expectAccounted();
  });

  test.each(['before', 'after'] as const)(
    'that a function claims when it crashes, %s the claim, does not stop the repeated call',
    async (when) => {
      const fault = firstCalls('api', 'PutObject', 2, { kind: 'crash', when });
      cloud.begin(fault);
      await cloud.send({ ...cloud.makeCall(), idempotencyKey: 'sale' });
      await cloud.expectAccounted();
      expect(fault.happened).toBe(2);
    },
  );
});

describe('the collector', () => {
  test.each(['before', 'after'] as const)(
    'that crashes %s it writes an object writes the calls again',
    async (when) => {
      const fault = firstCalls('collect', 'PutObject', 3, { kind: 'crash', when });
      cloud.begin(fault);
      await Promise.all([1, 2, 3].map(() => cloud.send(cloud.makeCall())));
      await cloud.expectAccounted();
      expect(fault.happened).toBe(3);
    },
  );

  test('whose messages are not deleted writes the calls again, which are duplicates', async () => {
    const fault = firstDeliveries(3, { kind: 'undeleted' });
    cloud.begin(fault);
    await Promise.all([1, 2, 3].map(() => cloud.send(cloud.makeCall())));
    await cloud.expectAccounted();
    expect(fault.happened).toBe(3);
  });

  test('that receives calls again in other groups writes them to other objects, as duplicates', async () => {
    const fault = firstDeliveries(4, { kind: 'undeleted' });
    cloud.begin(fault);
    for (let round = 0; round < 4; round++) {
      await cloud.send(cloud.makeCall());
      await expect.poll(() => fault.happened).toBeGreaterThan(round);
    }
    const receipts = (await cloud.collected()).map(({ file }) => {
      const [manifest = ''] = file.content.toString().split('\n');
      return (JSON.parse(manifest) as { calls: AcceptedCall[] }).calls.map(({ receipt }) => receipt);
    });
    const first = receipts[0]![0]!;
    expect(new Set(receipts.filter((group) => group.includes(first)).map(String)).size).toBeGreaterThan(1);
    await cloud.expectAccounted();
  });
});

describe('a ticket', () => {
  test('opens one connection, and none after its minute', async () => {
    cloud.begin();
    const url = await cloud.api.fetchTicket(cloud.storeId);
    (await ApiSocket.open(url))[Symbol.dispose]();
    await expect(ApiSocket.open(url)).rejects.toThrow('403');
    const expired = await makeTicket(-61_000);
    await expect(ApiSocket.open(`${url.split('?')[0]}?${TICKET_PARAMETER}=${expired}`)).rejects.toThrow(
      '403',
    );
    const valid = await makeTicket(0);
    (await ApiSocket.open(`${url.split('?')[0]}?${TICKET_PARAMETER}=${valid}`))[Symbol.dispose]();
  });

  test.each(['before', 'after'] as const)(
    'whose use is recorded by a function that crashes, %s it is recorded, opens at most one connection',
    async (when) => {
      cloud.begin(firstCalls('authorize', 'PutObject', 1, { kind: 'crash', when }));
      const url = await cloud.api.fetchTicket(cloud.storeId);
      await expect(ApiSocket.open(url)).rejects.toThrow(/50\d/);
      const opened = await ApiSocket.open(url).catch((error: Error) => error.message);
      if (when === 'after') expect(opened).toContain('403');
      else (opened as ApiSocket)[Symbol.dispose]();
      await expect(ApiSocket.open(url)).rejects.toThrow('403');
    },
  );
});

/** Makes a ticket of the API, at another time. */
async function makeTicket(offsetMilliseconds: number): Promise<string> {
  const { endpoint, accessKeys } = cloud.cloud.running;
  const credentials = { accessKeyId: 'operator', secretAccessKey: accessKeys.operator! };
  const client = new SecretsManagerClient({ endpoint, region: 'us-east-1', credentials });
  const granted = cloud.cloud.access
    .grants()
    .filter(({ action }) => action === 'secretsmanager:GetSecretValue');
  const SecretId = granted.find(({ holder }) => holder.includes('-pipeline-authorize'))!.resource;
  const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
  client.destroy();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + offsetMilliseconds });
  try {
    const { password } = JSON.parse(SecretString) as { password: string };
    return createTicket(password, cloud.storeId).text;
  } finally {
    vi.useRealTimers();
  }
}

test('calls that wait in the window of a collector are written after a deployment', async () => {
  await cloud.stop();
  cloud = await AccountedCloud.start({ timeLapse: false });
  cloud.begin();
  await cloud.send(cloud.makeCall());
  await cloud.send(cloud.makeCall('socket'));
  await cloud.restart();
  expect(await cloud.logs('collect')).toEqual([]);
  await cloud.send(cloud.makeCall());
  await cloud.expectAccounted();
});

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { describe, expect, test } from 'vitest';
import { EventsService } from '../../../../local/monitoring/events-service.ts';
import { SesService } from '../../../../local/monitoring/ses-service.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { addFunction, allow, configOf, startGateway } from '../running-gateway.ts';
import { sendSigned } from '../sign-request.ts';

const parent = temporaryDir();
const [eventsDir, mailsDir] = [await mkdtemp(join(parent, 'events-')), await mkdtemp(join(parent, 'mails-'))];
const gateway = await startGateway((access) => ({
  events: new EventsService([], access, eventsDir),
  ses: new SesService(access, mailsDir),
}));
const FROM = 'receipts@example.com';
const onDomain = allow('ses:SendEmail', 'arn:aws:ses:us-east-1:000000000000:identity/example.com');
addFunction(gateway.access, 'notify', [
  allow('events:PutEvents', 'arn:aws:events:us-east-1:000000000000:event-bus/default'),
  { ...onDomain, Condition: { StringEquals: { 'ses:FromAddress': FROM } } },
]);
addFunction(gateway.access, 'other', []);

/** Reads the file that an id names. */
function kept(dir: string, id = ''): Record<string, unknown> {
  const name = readdirSync(dir).find((file) => file.includes(id))!;
  expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
  return JSON.parse(readFileSync(join(dir, name), 'utf8'));
}

describe('PutEvents', () => {
  const entry = {
    Source: 'shop',
    DetailType: 'Sold',
    Detail: '{"rows":3}',
    Time: new Date('2026-03-14T09:00:00Z'),
  };
  const put = (Entries: object[], caller = 'notify') =>
    new EventBridgeClient(configOf(gateway, caller)).send(new PutEventsCommand({ Entries }));

  test('keeps each event as a file', async () => {
    const { FailedEntryCount, Entries: [result] = [] } = await put([entry]);
    expect(FailedEntryCount).toBe(0);
    expect(kept(eventsDir, result!.EventId)).toEqual({
      source: 'shop',
      'detail-type': 'Sold',
      time: '2026-03-14T09:00:00.000Z',
      resources: [],
      detail: { rows: 3 },
    });
  });

  test.each([
    ['without a source', { Source: undefined }, 'InvalidArgument'],
    ['without a type', { DetailType: '' }, 'InvalidArgument'],
    ['from AWS', { Source: 'aws.s3' }, 'NotAuthorizedForSourceException'],
    ['whose detail is not JSON', { Detail: '{' }, 'MalformedDetail'],
    ['whose detail is a list', { Detail: '[]' }, 'MalformedDetail'],
  ])('an event %s fails alone', async (_, change, code) => {
    const { FailedEntryCount, Entries = [] } = await put([{ ...entry, ...change }, entry]);
    expect(FailedEntryCount).toBe(1);
    expect([Entries[0]!.ErrorCode, Entries[1]!.EventId]).toEqual([code, expect.any(String)]);
  });

  test('refuses too many events, too large ones, another bus and a caller without permission', async () => {
    await expect(put(Array(11).fill(entry))).rejects.toThrow('Entries');
    const large = { ...entry, Detail: JSON.stringify({ text: 'x'.repeat(262_144) }) };
    await expect(put([large])).rejects.toThrow('Total size');
    await expect(put([{ ...entry, EventBusName: 'mine' }])).rejects.toThrow('EventBusName');
    await expect(put([entry], 'other')).rejects.toThrow('not authorized to perform: events:PutEvents');
  });
});

describe('SendEmail', () => {
  const mail = {
    FromEmailAddress: FROM,
    Destination: { ToAddresses: ['shop@example.org'] },
    Content: { Simple: { Subject: { Data: 'Received' }, Body: { Text: { Data: '3 rows\n' } } } },
  };
  const send = (change: object = {}, caller = 'notify') =>
    new SESv2Client(configOf(gateway, caller)).send(new SendEmailCommand({ ...mail, ...change }));

  test('keeps the mail as a file', async () => {
    expect(kept(mailsDir, (await send()).MessageId)).toEqual(mail);
  });

  test.each([
    ['no recipient', { Destination: { ToAddresses: [] } }],
    ['more than 50 recipients', { Destination: { ToAddresses: Array(51).fill('shop@example.org') } }],
    ['something that is not an address', { Destination: { ToAddresses: ['shop'] } }],
    [
      'a subject of two lines',
      { Content: { Simple: { ...mail.Content.Simple, Subject: { Data: 'a\nBcc: b' } } } },
    ],
    ['a member that it does not support', { ReplyToAddresses: ['a@example.com'] }],
  ])('refuses a mail with %s', async (_, change) => {
    await expect(send(change)).rejects.toMatchObject({ name: 'BadRequestException' });
  });

  test('refuses another sender, and a caller without permission', async () => {
    const denied = 'not authorized to perform: ses:SendEmail';
    await expect(send({ FromEmailAddress: 'boss@example.com' })).rejects.toThrow(denied);
    await expect(send({ FromEmailAddress: 'receipts@example.net' })).rejects.toThrow(denied);
    await expect(send({}, 'other')).rejects.toThrow(denied);
  });

  test('another action is refused by name', async () => {
    const response = await sendSigned(gateway, {
      method: 'GET',
      path: '/v2/email/identities',
      service: 'ses',
      headers: {},
    });
    expect([response.status, await response.text()]).toEqual([
      501,
      expect.stringContaining('GET /v2/email/identities'),
    ]);
  });
});

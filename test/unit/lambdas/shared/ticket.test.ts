import { afterEach, expect, test, vi } from 'vitest';
import { createTicket, readTicket } from '../../../../lambdas/shared/ticket.ts';

afterEach(() => vi.useRealTimers());

test('a ticket has its store until it expires after a minute, and each has another nonce', () => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
  const { text, expiresAt } = createTicket('secret', 'oslo');
  expect([readTicket('secret', text)?.store, expiresAt.getTime()]).toEqual(['oslo', 1_700_000_060_000]);
  vi.setSystemTime(1_700_000_059_999);
  expect(readTicket('secret', text)).toBeDefined();
  vi.setSystemTime(1_700_000_060_000);
  expect(readTicket('secret', text)).toBeUndefined();
  expect(createTicket('secret', 'oslo').text).not.toBe(createTicket('secret', 'oslo').text);
});

test('a ticket that was changed, invented or written in another way is not valid', () => {
  const { text } = createTicket('secret', 'oslo');
  const [content, signature] = text.split('.') as [string, string];
  const forged = Buffer.from(JSON.stringify({ store: 'bergen', exp: 9e9, nonce: 'n' })).toString('base64url');
  const others = ['', '.', 'a.b', content, `${text}.`, `${text}=`, `${text}.x`, ` ${text}`];
  for (const other of [...others, `${forged}.${signature}`, createTicket('other', 'oslo').text]) {
    expect(readTicket('secret', other), other).toBeUndefined();
  }
});

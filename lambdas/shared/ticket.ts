import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { STORE_PATTERN } from '../core/upload-key.ts';

const TICKET_SECONDS = 60;

/** Content of a ticket, which opens one connection for one store. */
export interface Ticket {
  readonly store: string;
  /** Time after which the ticket opens no connection, in seconds since the epoch. */
  readonly exp: number;
  /** Tells tickets apart: each opens one connection. */
  readonly nonce: string;
}

/** Creates the text of a ticket, valid for a minute: `<content in Base64URL>.<signature>`. */
export function createTicket(secret: string, store: string): { text: string; expiresAt: Date } {
  const exp = Math.floor(Date.now() / 1_000) + TICKET_SECONDS;
  const ticket: Ticket = { store, exp, nonce: randomBytes(16).toString('hex') };
  const content = Buffer.from(JSON.stringify(ticket)).toString('base64url');
  return {
    text: `${content}.${sign(secret, content).toString('base64url')}`,
    expiresAt: new Date(exp * 1_000),
  };
}

/** Reads a ticket. @returns undefined if it is invented, changed or expired */
export function readTicket(secret: string, text: string): Ticket | undefined {
  const [content = '', signature = '', ...rest] = text.split('.');
  const expected = sign(secret, content);
  const given = Buffer.from(signature, 'base64url');
  // Base64URL has several texts for the same bytes: only the one that was written is valid.
  const isWritten = given.toString('base64url') === signature && rest.length === 0;
  if (!isWritten || given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const ticket = JSON.parse(Buffer.from(content, 'base64url').toString()) as Ticket;
  return ticket.exp * 1_000 > Date.now() && STORE_PATTERN.test(ticket.store) ? ticket : undefined;
}

function sign(secret: string, content: string): Buffer {
  return createHmac('sha256', secret).update(`ticket\0${content}`).digest();
}

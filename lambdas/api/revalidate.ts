import { createHash } from 'node:crypto';
import type { HttpEvent } from './callers.ts';
import type { Answer } from './problem.ts';

/**
 * Gives an answer to a GET its entity tag, and answers 304 to a caller who has it already (RFC 9110, section 13.1.2). A
 * private cache may keep the answer, and asks again each time.
 */
export function revalidate({ routeKey, headers }: HttpEvent, answer: Answer): Answer {
  if (answer.statusCode !== 200 || !routeKey.startsWith('GET ')) return answer;
  const etag = `"${createHash('sha256').update(answer.body).digest('base64url')}"`;
  const caching = { etag, 'cache-control': 'private, no-cache' };
  // A cache on the way may mark a tag as weak, which compares as the same one.
  const known = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(etag)) return { statusCode: 304, headers: caching, body: '' };
  return { ...answer, headers: { ...answer.headers, ...caching } };
}

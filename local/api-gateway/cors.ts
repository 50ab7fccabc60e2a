import type { IncomingHttpHeaders } from 'node:http';
import type { CorsModel } from '../assembly/readers/api-readers.ts';

/** Tells whether a request asks if a browser may send another one. */
export function isPreflight(method: string, headers: IncomingHttpHeaders): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined;
}

/**
 * Headers of every answer to a browser. API Gateway replaces those of a function (API Gateway developer guide, "Configure
 * CORS for HTTP APIs"), and sends none to an origin that the API does not allow.
 */
export function corsHeaders(cors: CorsModel | undefined, origin: string | undefined): Record<string, string> {
  const allowed = cors?.AllowOrigins ?? [];
  if (cors === undefined || origin === undefined) return {};
  if (!allowed.includes('*') && !allowed.includes(origin)) return {};
  return withoutEmpty({
    'access-control-allow-origin': allowed.includes('*') ? '*' : origin,
    'access-control-allow-credentials': cors.AllowCredentials === true ? 'true' : '',
    'access-control-expose-headers': list(cors.ExposeHeaders),
  });
}

/** Headers of the answer to a preflight request. */
export function preflightHeaders(
  cors: CorsModel | undefined,
  origin: string | undefined,
): Record<string, string> {
  const common = corsHeaders(cors, origin);
  if (Object.keys(common).length === 0) return {};
  return withoutEmpty({
    ...common,
    'access-control-allow-methods': list(cors?.AllowMethods),
    'access-control-allow-headers': list(cors?.AllowHeaders),
    'access-control-max-age': String(cors?.MaxAge ?? ''),
  });
}

function list(values: readonly string[] = []): string {
  return values.join(',');
}

function withoutEmpty(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
}

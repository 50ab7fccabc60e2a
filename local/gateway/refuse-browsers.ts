import type { IncomingHttpHeaders } from 'node:http';

const HOST_NAMES = ['127.0.0.1', 'localhost', '[::1]'];
const HTTP_PORT = 80;

/**
 * Finds out that a web page may have made a request. No page has a use for the services: a page elsewhere must not call
 * them, nor one whose host name was changed to this address after it was loaded (DNS rebinding).
 * @param isApi true for a request to an API, which pages may call as its CORS settings say
 * @returns why the request is refused, or undefined
 */
export function findForeignOrigin(
  headers: IncomingHttpHeaders,
  port: number,
  isApi: boolean,
): string | undefined {
  const hosts = HOST_NAMES.flatMap((name) => [`${name}:${port}`, ...(port === HTTP_PORT ? [name] : [])]);
  const { host = '', origin, 'sec-fetch-site': site = 'none' } = headers;
  if (!hosts.includes(host.toLowerCase())) return `the host must be ${hosts.join(' or ')}`;
  if (isApi) return undefined;
  if (origin !== undefined) return 'it has the header Origin, so a web page made it';
  if (site !== 'none' && site !== 'same-origin') return `it has the header Sec-Fetch-Site: ${site}`;
  return undefined;
}

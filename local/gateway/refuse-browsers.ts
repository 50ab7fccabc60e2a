import type { IncomingMessage } from 'node:http';
import { isForm } from './form.ts';

const HOST_NAMES = ['127.0.0.1', 'localhost', '[::1]'];
const HTTP_PORT = 80;

/**
 * Finds out that a web page may have made a request. A page has no use for the services: a page elsewhere must not call
 * them, nor one whose host name was changed to this address after it was loaded (DNS rebinding). A page of this gateway
 * may only upload files with forms, whose fields are signed.
 * @param isPage true for a request to an API, which pages may call as its CORS settings say
 * @returns why the request is refused, or undefined
 */
export function findForeignOrigin(incoming: IncomingMessage, isPage: boolean): string | undefined {
  const { headers, socket } = incoming;
  const port = socket.localPort!;
  const hosts = HOST_NAMES.flatMap((name) => [`${name}:${port}`, ...(port === HTTP_PORT ? [name] : [])]);
  const { host = '', origin, 'sec-fetch-site': site = 'none' } = headers;
  if (!hosts.includes(host.toLowerCase())) return `the host must be ${hosts.join(' or ')}`;
  if (isPage) return undefined;
  const isOwnForm = origin === `http://${host}` && isForm(incoming);
  if (origin !== undefined && !isOwnForm) return 'it has the header Origin, so a web page made it';
  if (site !== 'none' && site !== 'same-origin') return `it has the header Sec-Fetch-Site: ${site}`;
  return undefined;
}

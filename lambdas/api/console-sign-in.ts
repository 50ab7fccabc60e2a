import type { Logger } from '@aws-lambda-powertools/logger';
import type { SignIn } from '../core/console-config.ts';
import type { ConsoleSignIn } from '../shared/console-sign-in.ts';
import { Issuer } from './issuer.ts';

const NOT_SET_UP = 'Nobody can sign in to this console: the operator has not set it up.';
const NO_ANSWER =
  'The sign-in service does not answer. Try again in a minute. If this lasts, tell the operator of the console.';

/** Says how people sign in to the console at an address. @param host name of the host in the address */
export type DescribeSignIn = (host: string) => Promise<SignIn>;

/** @param text JSON of `ConsoleSignIn` */
export function createSignIn(text: string, logger: Pick<Logger, 'warn'>): DescribeSignIn {
  const signIn = JSON.parse(text) as ConsoleSignIn;
  if (signIn.kind === 'none') return async () => ({ kind: 'none', message: NOT_SET_UP });
  const { consoleUrl } = signIn;
  const describe = signIn.kind === 'issuer' ? clientOfIssuer(signIn, logger) : async () => withoutUrl(signIn);
  return async (host) => {
    // The provider sends people back to one address only.
    if (new URL(consoleUrl).host === host) return describe();
    return { kind: 'none', message: `People sign in at another address: ${consoleUrl}` };
  };
}

function withoutUrl({ consoleUrl: _, ...client }: Extract<ConsoleSignIn, { kind: 'oidc' }>): SignIn {
  return client;
}

function clientOfIssuer(
  { issuer: url, audience, clientId, scopes }: Extract<ConsoleSignIn, { kind: 'issuer' }>,
  logger: Pick<Logger, 'warn'>,
): () => Promise<SignIn> {
  const issuer = new Issuer(url, logger);
  return async () => {
    const endpoints = await issuer.findEndpoints();
    if (endpoints === undefined) return { kind: 'none', message: NO_ANSWER, isTemporary: true };
    return { kind: 'oidc', ...endpoints, clientId, scopes, audience };
  };
}

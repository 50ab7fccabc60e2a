import type { SignIn } from '../core/console-config.ts';
import type { ConsoleSignIn } from '../shared/console-sign-in.ts';

const NOT_SET_UP = 'Nobody can sign in to this console: the operator has not set it up.';

/**
 * Says how people sign in to the console at an address.
 * @param text JSON of `ConsoleSignIn`
 * @param host name of the host in the address: the provider sends people back to one address only
 */
export function describeSignIn(text: string, host: string): SignIn {
  const signIn = JSON.parse(text) as ConsoleSignIn;
  if (signIn.kind === 'none') return { kind: 'none', message: NOT_SET_UP };
  const { consoleUrl, ...client } = signIn;
  if (new URL(consoleUrl).host === host) return client;
  return { kind: 'none', message: `People sign in at another address: ${consoleUrl}` };
}

import { CONSOLE_FOLDER } from './api-routes.ts';

/** How people sign in to the console, as the stack writes it into the environment of the function. */
export type ConsoleSignIn = { readonly kind: 'none' } | OidcSignIn | IssuerSignIn;

/** A client of an OpenID provider that uses the authorization code with PKCE. */
export interface OidcSignIn {
  readonly kind: 'oidc';
  /** Address of the page, to which the provider sends people back. */
  readonly consoleUrl: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly logoutUrl: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
}

/** A client of an OpenID provider whose endpoints the function looks up. */
interface IssuerSignIn {
  readonly kind: 'issuer';
  /** Address of the page, to which the provider sends people back. */
  readonly consoleUrl: string;
  /** Name of the issuer in its tokens. */
  readonly issuer: string;
  readonly audience: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
}

/** Path of the page: the address to which `GET /console` leads. */
export const CONSOLE_PAGE = `/${CONSOLE_FOLDER}/index.html`;

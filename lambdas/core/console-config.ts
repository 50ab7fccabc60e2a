/** How a person signs in to the console. */
export type SignIn =
  /** The host of the page has a session, which its cookie names. */
  | { readonly kind: 'session' }
  /** An authorization code with PKCE (RFC 7636). */
  | {
      readonly kind: 'oidc';
      readonly authorizeUrl: string;
      readonly tokenUrl: string;
      readonly logoutUrl?: string;
      readonly clientId: string;
      readonly scopes: readonly string[];
      /** Audience of the tokens, for a provider that has several. It also ends sessions as OpenID Connect says. */
      readonly audience?: string;
    }
  /** No person can sign in. A temporary trouble may be over when the page is loaded again. */
  | { readonly kind: 'none'; readonly message: string; readonly isTemporary?: boolean };

/** The configuration that the page reads before a person signs in. The API serves it as `console/config.json`. */
export interface ConsoleConfig {
  readonly stage: string;
  readonly signIn: SignIn;
  /** True on a laptop, where the page may stop and start the database. */
  readonly hasLocalControl: boolean;
}

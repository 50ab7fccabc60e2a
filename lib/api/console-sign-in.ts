import { Duration, Stack } from 'aws-cdk-lib';
import { HttpUserPoolAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { CONSOLE_PAGE, type OidcSignIn } from '../../lambdas/shared/console-sign-in.ts';
import type { UserDirectory } from '../data/user-directory.ts';

/** Time after which a change of a user's groups has an effect. */
const TOKEN_VALIDITY = Duration.hours(1);
/** Time after which a person signs in again. */
const SESSION_VALIDITY = Duration.hours(12);

/** Signs people in to the console: the client by which the page gets tokens, and the authorizer that checks them. */
export class ConsoleSignIn extends Construct {
  readonly authorizer: HttpUserPoolAuthorizer;
  /** The part of the function's environment that the page needs. */
  readonly description: OidcSignIn;

  /** @param apiUrl address of the API that serves the console */
  constructor(scope: Construct, id: string, { pool, url }: UserDirectory, apiUrl: string) {
    super(scope, id);
    const consoleUrl = `${apiUrl}${CONSOLE_PAGE}`;
    const client = new cognito.UserPoolClient(this, 'Client', {
      userPool: pool,
      // A page cannot keep a secret. It proves with PKCE that it asked for the code.
      generateSecret: false,
      authFlows: {},
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [cognito.OAuthScope.OPENID],
        callbackUrls: [consoleUrl],
        logoutUrls: [consoleUrl],
      },
      supportedIdentityProviders: [cognito.UserPoolClientIdentityProvider.COGNITO],
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: TOKEN_VALIDITY,
      idTokenValidity: TOKEN_VALIDITY,
      refreshTokenValidity: SESSION_VALIDITY,
    });
    // Managed login shows no page for a client without a style.
    new cognito.CfnManagedLoginBranding(this, 'Branding', {
      userPoolId: pool.userPoolId,
      clientId: client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
    this.authorizer = new HttpUserPoolAuthorizer('Users', pool, {
      userPoolClients: [client],
      userPoolRegion: Stack.of(this).region,
    });
    this.description = {
      kind: 'oidc',
      consoleUrl,
      authorizeUrl: `${url}/oauth2/authorize`,
      tokenUrl: `${url}/oauth2/token`,
      logoutUrl: `${url}/logout`,
      clientId: client.userPoolClientId,
      scopes: ['openid'],
    };
  }
}

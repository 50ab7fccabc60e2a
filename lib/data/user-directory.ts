import { CfnOutput, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { OPERATORS_GROUP, SENDERS_GROUP, VIEWERS_GROUP } from '../../lambdas/shared/groups.ts';
import { USER_POOL_OUTPUT } from '../../lambdas/shared/stacks.ts';
import type { Settings } from '../settings/read-settings.ts';

const MIN_PASSWORD_LENGTH = 14;

/** The people who sign in to the console, their groups, and the page on which they sign in. */
export class UserDirectory extends Construct {
  readonly pool: cognito.UserPool;
  /** Address of the pages and of the endpoints of OAuth. */
  readonly url: string;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const { stage, stores, protect, consoleSecondFactor } = settings;
    this.pool = new cognito.UserPool(this, 'Pool', {
      userPoolName: `retail-${stage}`,
      // The lowest plan with managed login (Cognito developer guide, "User pool feature plans"). Threat protection is part
      // of the next one, which has no free users.
      featurePlan: cognito.FeaturePlan.ESSENTIALS,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
      mfa: consoleSecondFactor === 'required' ? cognito.Mfa.REQUIRED : cognito.Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: MIN_PASSWORD_LENGTH,
        requireDigits: true,
        requireLowercase: true,
        requireSymbols: true,
        requireUppercase: true,
      },
      deletionProtection: protect,
      removalPolicy: protect ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    const domain = this.pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: `retail-${uniqueSuffix(this)}` },
      managedLoginVersion: cognito.ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    this.url = domain.baseUrl();
    this.#addGroup('Operators', OPERATORS_GROUP, 'May do everything.');
    this.#addGroup('Viewers', `${VIEWERS_GROUP}*`, 'May look at the files and numbers of all stores.');
    for (const store of stores) {
      this.#addGroup(`Senders-${store}`, SENDERS_GROUP + store, `May send files of the store ${store}.`);
      this.#addGroup(`Viewers-${store}`, VIEWERS_GROUP + store, `May look at the store ${store}.`);
    }
    new CfnOutput(Stack.of(this), USER_POOL_OUTPUT, { value: this.pool.userPoolId });
  }

  #addGroup(id: string, groupName: string, description: string): void {
    new cognito.UserPoolGroup(this, id, { userPool: this.pool, groupName, description });
  }
}

/**
 * Returns a part of the stack's id. The prefix of a domain is unique among all accounts of a region (Cognito developer
 * guide, "Using the Amazon Cognito domain for managed login"), and must not contain "aws", as the name of a stage might.
 */
function uniqueSuffix(scope: Construct): string {
  const uuid = Fn.select(2, Fn.split('/', Stack.of(scope).stackId));
  return Fn.select(4, Fn.split('-', uuid));
}

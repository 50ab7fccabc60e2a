import { describe, expect, test } from 'vitest';
import { CONSOLE_PAGE, type ConsoleSignIn } from '../../../lambdas/shared/console-sign-in.ts';
import { LEFT_OUT_TYPES } from '../../../local/assembly/read-cloud-model.ts';
import { readExpression } from '../../../local/monitoring/metric-math.ts';
import { findAlarm } from '../../support/alarms.ts';
import { type Resource, type SynthesizedStack, synthesizeStack } from '../../support/synthesized-app.ts';

const WITH_USERS = { 'retail:consoleSignIn': 'cognito' };
const data = (settings: object = {}) => synthesizeStack('RetailData', { ...WITH_USERS, ...settings });
const pipeline = (settings: object = {}) => synthesizeStack('RetailPipeline', { ...WITH_USERS, ...settings });
const one = (stack: SynthesizedStack, type: string): Resource => {
  const [first, ...others] = stack.ofType(type);
  expect(others, type).toEqual([]);
  return first!;
};

/** The graphs of a dashboard as JSON, with the names of the resources that they refer to. */
function readGraphs(body: unknown): string[] {
  const { 'Fn::Join': joined } = body as { 'Fn::Join': [string, unknown[]] };
  const text = joined[1]
    .map((part) => (typeof part === 'string' ? part : JSON.stringify(part).replaceAll('"', '')))
    .join('');
  return (JSON.parse(text) as { widgets: unknown[] }).widgets.map((widget) => JSON.stringify(widget));
}

/** Reads the function's variable about signing in, with X for each reference, and the first resource that it refers to. */
function readSignIn(stack: SynthesizedStack): [description: ConsoleSignIn, resource: string] {
  const [fn] = stack
    .ofType('AWS::Lambda::Function')
    .filter(({ Properties }) => JSON.stringify(Properties).includes('"CONSOLE_SIGN_IN"'));
  const { Variables } = fn!.Properties.Environment as { Variables: Record<string, unknown> };
  const { 'Fn::Join': joined } = Variables.CONSOLE_SIGN_IN as { 'Fn::Join': [string, unknown[]] };
  const text = joined[1].map((part) => (typeof part === 'string' ? part : 'X')).join('');
  const [reference] = joined[1].filter((part) => typeof part !== 'string');
  return [JSON.parse(text), (reference as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0]];
}

describe('the people of a stage', () => {
  test('are created by an operator, and sign in with a strong password and a second factor', () => {
    const { Properties } = one(data(), 'AWS::Cognito::UserPool');
    expect(Properties).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      MfaConfiguration: 'ON',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      UserPoolTier: 'ESSENTIALS',
      UsernameConfiguration: { CaseSensitive: false },
      Policies: { PasswordPolicy: { MinimumLength: 14, RequireSymbols: true, RequireUppercase: true } },
    });
    // A separate plan, for which AWS charges from the first user.
    expect(Properties.UserPoolAddOns).toBeUndefined();
  });

  test('may do without a second factor where the settings say so', () => {
    const { Properties } = one(data({ 'retail:consoleSecondFactor': 'optional' }), 'AWS::Cognito::UserPool');
    expect(Properties).toMatchObject({ MfaConfiguration: 'OPTIONAL', EnabledMfas: ['SOFTWARE_TOKEN_MFA'] });
  });

  test.each([
    ['prod', 'ACTIVE', 'RetainExceptOnCreate'],
    ['dev', 'INACTIVE', 'Delete'],
  ])('of the stage %s are protected as the settings say', (stage, protection, policy) => {
    const pool = one(data({ stage }), 'AWS::Cognito::UserPool');
    const { DeletionPolicy } = pool as Resource & { readonly DeletionPolicy: string };
    expect([pool.Properties.DeletionProtection, DeletionPolicy]).toEqual([protection, policy]);
  });

  test('are in groups for operators, for viewers, and two for each store', () => {
    const groups = data({ 'retail:stores': 'oslo,bergen' }).ofType('AWS::Cognito::UserPoolGroup');
    expect(groups.map(({ Properties }) => Properties.GroupName).sort()).toEqual(
      ['operators', 'store:bergen', 'store:oslo', 'viewer:*', 'viewer:bergen', 'viewer:oslo'].sort(),
    );
  });

  test('of 130 stores fit into a stack, and more are refused with the correction', () => {
    const stores = (count: number) => Array.from({ length: count }, (_, index) => `store-${index}`);
    const settings = {
      stage: 'prod',
      'retail:region': 'eu-central-1',
      'retail:backupCopyRegion': 'eu-west-1',
    };
    expect(data({ ...settings, 'retail:stores': stores(130) }).resources.length).toBeLessThanOrEqual(500);
    expect(() => data({ 'retail:stores': stores(131) })).toThrow('at most 130 stores');
  });
});

describe('the client of the console', () => {
  test('has no secret, gets codes for its own page only, and asks for nothing but the identity', () => {
    const { Properties } = one(pipeline(), 'AWS::Cognito::UserPoolClient');
    expect(Properties).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid'],
      SupportedIdentityProviders: ['COGNITO'],
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
      AccessTokenValidity: 60,
    });
    for (const urls of [Properties.CallbackURLs, Properties.LogoutURLs]) {
      expect(urls).toEqual([
        {
          'Fn::Join': [
            '',
            [{ 'Fn::GetAtt': [expect.stringMatching(/^ApiPeopleApi/), 'ApiEndpoint'] }, CONSOLE_PAGE],
          ],
        },
      ]);
    }
  });

  test('has the newer pages of Cognito, with a style, without which they show nothing', () => {
    expect(one(data(), 'AWS::Cognito::UserPoolDomain').Properties.ManagedLoginVersion).toBe(2);
    const { logicalId } = one(pipeline(), 'AWS::Cognito::UserPoolClient');
    expect(one(pipeline(), 'AWS::Cognito::ManagedLoginBranding').Properties).toMatchObject({
      ClientId: { Ref: logicalId },
      UseCognitoProvidedValues: true,
    });
  });

  test('is described to the page', () => {
    expect(readSignIn(pipeline())[0]).toEqual({
      kind: 'oidc',
      consoleUrl: `X${CONSOLE_PAGE}`,
      authorizeUrl: expect.stringMatching(/^https:\/\/X\.auth\..*\/oauth2\/authorize$/),
      tokenUrl: expect.stringMatching(/\/oauth2\/token$/),
      logoutUrl: expect.stringMatching(/\/logout$/),
      clientId: 'X',
      scopes: ['openid'],
    });
  });
});

describe('the API of people', () => {
  const routesOf = (stack: SynthesizedStack, api: RegExp) =>
    stack
      .ofType('AWS::ApiGatewayV2::Route')
      .filter(({ Properties }) => api.test(JSON.stringify(Properties.ApiId)));

  test('has the routes of tills, with tokens of the client', () => {
    const stack = pipeline();
    const routes = routesOf(stack, /ApiPeople/);
    const keys = (all: readonly Resource[]) => all.map(({ Properties }) => Properties.RouteKey).sort();
    expect(keys(routes)).toEqual(keys(routesOf(stack, /ApiHttp/)));
    const authorized = routes.filter(({ Properties }) => !/\/console/.test(String(Properties.RouteKey)));
    for (const { Properties } of authorized) expect(Properties.AuthorizationType).toBe('JWT');
    const tokens = stack
      .ofType('AWS::ApiGatewayV2::Authorizer')
      .filter(({ Properties }) => Properties.AuthorizerType === 'JWT');
    expect(tokens.map(({ Properties }) => Properties.JwtConfiguration)).toMatchObject([
      { Audience: [{ Ref: one(stack, 'AWS::Cognito::UserPoolClient').logicalId }] },
    ]);
  });

  test('is not for pages of other origins, has a throttle and an access log', () => {
    const stack = pipeline({ 'retail:apiCorsOrigins': 'https://shop.example.com' });
    const ofPeople = (type: string) =>
      stack.ofType(type).find(({ logicalId }) => logicalId.startsWith('ApiPeople'))!.Properties;
    expect(ofPeople('AWS::ApiGatewayV2::Api').CorsConfiguration).toBeUndefined();
    expect(ofPeople('AWS::ApiGatewayV2::Stage')).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 100 },
      AccessLogSettings: { Format: expect.stringContaining('$context.authorizer.claims.sub') },
    });
  });

  test('counts in the alarm of failed requests', () => {
    const operations = synthesizeStack('RetailOperations', { ...WITH_USERS, stage: 'prod' });
    expect(findAlarm(operations, 'Api/ServerErrors').metrics).toHaveLength(4);
  });

  test('is in the alarm of slow requests, and in every graph of requests', () => {
    const operations = synthesizeStack('RetailOperations', { ...WITH_USERS, stage: 'prod' });
    const { metrics, expression } = findAlarm(operations, 'Api/Latency');
    expect(new Set(metrics.map(({ dimensions }) => JSON.stringify(dimensions))).size).toBe(2);
    const slower = readExpression(expression!, ['tills', 'people']);
    expect([{ tills: 3, people: 2 }, { people: 4 }, {}].map(slower)).toEqual([3, 4, 0]);
    const graphs = operations
      .ofType('AWS::CloudWatch::Dashboard')
      .flatMap(({ Properties }) => readGraphs(Properties.DashboardBody));
    const ofHttp = graphs.filter((graph) => /"AWS\/ApiGateway","(Count|Latency|DataProcessed)"/.test(graph));
    expect(ofHttp).toHaveLength(5);
    for (const graph of ofHttp) {
      expect(graph).toContain('ApiHttpApi');
      expect(graph).toContain('ApiPeopleApi');
    }
  });
});

describe('an issuer of one’s own', () => {
  const ISSUER = {
    'retail:consoleSignIn': 'issuer',
    'retail:consoleClientId': 'console',
    'retail:consoleScopes': 'openid,offline_access',
    'retail:apiJwtIssuer': 'https://login.example.com/',
    'retail:apiJwtAudience': 'retail',
  };

  test('signs people in at the API of the tills, without a resource of Cognito', () => {
    const stack = synthesizeStack('RetailPipeline', ISSUER);
    expect(stack.resources.filter(({ Type }) => Type.startsWith('AWS::Cognito'))).toEqual([]);
    expect(stack.resources.filter(({ logicalId }) => logicalId.startsWith('ApiPeople'))).toEqual([]);
    const [variable, api] = readSignIn(stack);
    expect(api).toMatch(/^ApiHttpApi/);
    expect(variable).toEqual({
      kind: 'issuer',
      consoleUrl: `X${CONSOLE_PAGE}`,
      issuer: 'https://login.example.com/',
      audience: 'retail',
      clientId: 'console',
      scopes: ['openid', 'offline_access'],
    });
  });

  test('lets the page send forms to the bucket', () => {
    const buckets = synthesizeStack('RetailData', ISSUER).ofType('AWS::S3::Bucket');
    expect(buckets.filter(({ Properties }) => Properties.CorsConfiguration !== undefined)).toHaveLength(1);
  });
});

test('the bucket takes forms of pages of API Gateway only where people sign in', () => {
  const corsOf = (settings: object) =>
    synthesizeStack('RetailData', { 'retail:region': 'eu-central-1', ...settings })
      .ofType('AWS::S3::Bucket')
      .map(({ Properties }) => Properties.CorsConfiguration)
      .filter((cors) => cors !== undefined);
  expect(corsOf({})).toEqual([]);
  expect(corsOf(WITH_USERS)).toEqual([
    {
      CorsRules: [
        {
          AllowedMethods: ['POST'],
          AllowedOrigins: ['https://*.execute-api.eu-central-1.amazonaws.com'],
          ExposedHeaders: ['x-amz-version-id'],
          MaxAge: 3_600,
        },
      ],
    },
  ]);
});

test('without the setting there is nothing of Cognito and no second API', () => {
  for (const id of ['RetailData', 'RetailPipeline']) {
    const { resources } = synthesizeStack(id, {});
    expect(resources.filter(({ Type }) => Type.startsWith('AWS::Cognito'))).toEqual([]);
    expect(resources.filter(({ logicalId }) => logicalId.startsWith('ApiPeople'))).toEqual([]);
  }
  expect(() => data({ 'retail:api': false })).toThrow('needs the API');
});

test('the local cloud leaves out every resource that knows the people', () => {
  const types = [data(), pipeline()].flatMap(({ resources }) => resources.map(({ Type }) => Type));
  const ofPeople = new Set(types.filter((type) => type.startsWith('AWS::Cognito::')));
  expect(ofPeople.size).toBe(5);
  for (const type of ofPeople) expect(LEFT_OUT_TYPES).toHaveProperty([type]);
});

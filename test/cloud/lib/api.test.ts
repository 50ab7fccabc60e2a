import { describe, expect, test } from 'vitest';
import { API_ROUTES } from '../../../lambdas/shared/api-routes.ts';
import { type Resource, synthesizeStack } from '../../support/synthesized-app.ts';

const pipelineWith = (settings: Record<string, unknown> = {}) => synthesizeStack('RetailPipeline', settings);
const routesOf = (resources: readonly Resource[], path: RegExp) =>
  resources.filter(({ Properties }) => path.test(String(Properties.RouteKey)));

const API_PATH = /^(GET|POST) \/(?!console)/;

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}
/** Lists what policies allow on APIs: `<managed policy>: <method and path>`. */
function invocations(settings: Record<string, unknown>): string[] {
  return pipelineWith(settings)
    .ofType('AWS::IAM::ManagedPolicy')
    .flatMap(({ logicalId, Properties }) =>
      (Properties.PolicyDocument as { Statement: Statement[] }).Statement.filter(
        ({ Action }) => Action === 'execute-api:Invoke',
      ).flatMap(({ Resource }) =>
        [Resource].flat().map((arn) => {
          const path = /"\/\$default\/([^"]+)"/.exec(JSON.stringify(arn))?.[1];
          return `${logicalId.replace(/[0-9A-F]{8}$/, '')}: ${path}`;
        }),
      ),
    );
}

describe('the HTTP API', () => {
  test('has exactly the routes of the API, each with IAM', () => {
    const routes = routesOf(pipelineWith().ofType('AWS::ApiGatewayV2::Route'), API_PATH);
    expect(routes.map(({ Properties }) => Properties.RouteKey).sort()).toEqual(
      Object.values(API_ROUTES).sort(),
    );
    for (const { Properties } of routes) expect(Properties.AuthorizationType).toBe('AWS_IAM');
  });

  test('has a JWT authorizer on every route where the settings name an issuer', () => {
    const stack = pipelineWith({
      'retail:apiJwtIssuer': 'https://login.example.com/',
      'retail:apiJwtAudience': 'retail',
    });
    const routes = routesOf(stack.ofType('AWS::ApiGatewayV2::Route'), API_PATH);
    expect(routes).toHaveLength(Object.keys(API_ROUTES).length);
    for (const { Properties } of routes) expect(Properties.AuthorizationType).toBe('JWT');
    const authorizers = stack.ofType('AWS::ApiGatewayV2::Authorizer');
    expect(
      authorizers.find(({ Properties }) => Properties.AuthorizerType === 'JWT')?.Properties,
    ).toMatchObject({
      JwtConfiguration: { Audience: ['retail'], Issuer: 'https://login.example.com/' },
    });
  });

  test('serves the files of the console to everybody', () => {
    const routes = routesOf(pipelineWith().ofType('AWS::ApiGatewayV2::Route'), /\/console/);
    expect(routes.map(({ Properties }) => [Properties.RouteKey, Properties.AuthorizationType])).toEqual([
      ['GET /console', 'NONE'],
      ['GET /console/{file+}', 'NONE'],
    ]);
  });

  test('lets the web pages of the settings call it, and by default none', () => {
    const corsOf = (settings: object) =>
      pipelineWith({ ...settings })
        .ofType('AWS::ApiGatewayV2::Api')
        .find(({ Properties }) => Properties.ProtocolType === 'HTTP')!.Properties.CorsConfiguration;
    expect(corsOf({})).toBeUndefined();
    expect(corsOf({ 'retail:apiCorsOrigins': 'https://shop.example.com' })).toMatchObject({
      AllowOrigins: ['https://shop.example.com'],
      AllowMethods: ['GET', 'POST'],
      AllowHeaders: expect.arrayContaining(['authorization', 'idempotency-key', 'x-amz-date']),
    });
  });
});

test('every stage of an API is throttled as the settings say, and the HTTP API writes access logs', () => {
  const stages = pipelineWith({ 'retail:apiRequestsPerSecond': 7 }).ofType('AWS::ApiGatewayV2::Stage');
  expect(stages.map(({ Properties }) => Properties.StageName).sort()).toEqual(['$default', 'live']);
  for (const { Properties } of stages) {
    expect(Properties.DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 7, ThrottlingBurstLimit: 14 });
    expect('AccessLogSettings' in Properties).toBe(Properties.StageName === '$default');
  }
});

test('the WebSocket API authorizes connections by a ticket in the query, and answers messages', () => {
  const stack = pipelineWith();
  const [connect] = routesOf(stack.ofType('AWS::ApiGatewayV2::Route'), /^\$connect$/);
  const [message] = routesOf(stack.ofType('AWS::ApiGatewayV2::Route'), /^\$default$/);
  const [authorizer] = stack.ofType('AWS::ApiGatewayV2::Authorizer');
  expect(connect!.Properties).toMatchObject({
    AuthorizationType: 'CUSTOM',
    AuthorizerId: { Ref: authorizer!.logicalId },
  });
  expect(authorizer!.Properties.IdentitySource).toEqual(['route.request.querystring.ticket']);
  expect(message!.Properties.RouteResponseSelectionExpression).toBe('$default');
  expect(stack.ofType('AWS::ApiGatewayV2::RouteResponse')).toHaveLength(1);
});

test('a store’s policy allows the routes of that store, and the operator’s those about all stores', () => {
  expect(invocations({ 'retail:stores': 'oslo,bergen' }).sort()).toEqual(
    [
      ...['bergen', 'oslo'].flatMap((store) => [
        `ApiTillAccessStore${store}: GET/stores/${store}/receipts/*`,
        `ApiTillAccessStore${store}: GET/stores/${store}/rules`,
        `ApiTillAccessStore${store}: POST/stores/${store}/tickets`,
        `ApiTillAccessStore${store}: POST/stores/${store}/transactions`,
        `ApiTillAccessStore${store}: POST/stores/${store}/uploads`,
      ]),
      'OperatorPolicy: GET/alarms',
      'OperatorPolicy: GET/checks',
      'OperatorPolicy: GET/days',
      'OperatorPolicy: GET/numbers/balance',
      'OperatorPolicy: GET/numbers/rejects',
      'OperatorPolicy: GET/numbers/sold',
      'OperatorPolicy: GET/numbers/top-products',
      'OperatorPolicy: GET/openapi.json',
      'OperatorPolicy: GET/products',
      'OperatorPolicy: GET/session',
      'OperatorPolicy: GET/status',
      'OperatorPolicy: GET/stores/*/rules',
      'OperatorPolicy: GET/transactions',
      'OperatorPolicy: GET/uploads',
      'OperatorPolicy: GET/uploads/*',
      'OperatorPolicy: GET/uploads/*/conflicts',
      'OperatorPolicy: GET/dead-letters',
      'OperatorPolicy: POST/dead-letters/*/redrive',
      'OperatorPolicy: GET/uploads/*/reject-codes',
      'OperatorPolicy: GET/uploads/*/rejects',
      'OperatorPolicy: POST/stores/*/tickets',
      'OperatorPolicy: POST/stores/*/transactions',
      'OperatorPolicy: POST/stores/*/uploads',
    ].sort(),
  );
});

test.each([
  [0, { BatchSize: 10, MaximumBatchingWindowInSeconds: undefined }],
  [30, { BatchSize: 1_000, MaximumBatchingWindowInSeconds: 30 }],
])(
  'the collector with a window of %i seconds gets as many messages as Lambda allows',
  (seconds, expected) => {
    const mappings = pipelineWith({ 'retail:apiCollectSeconds': seconds }).ofType(
      'AWS::Lambda::EventSourceMapping',
    );
    const mapping = mappings.find(({ Properties }) =>
      JSON.stringify(Properties).includes('"CollectFunction'),
    );
    expect({ MaximumBatchingWindowInSeconds: undefined, ...mapping!.Properties }).toMatchObject(expected);
  },
);

test('a stage without the API has none of its resources', () => {
  const stack = pipelineWith({ 'retail:api': false });
  expect(stack.resources.filter(({ Type }) => Type.includes('ApiGateway'))).toEqual([]);
  expect(JSON.stringify(stack.template)).not.toMatch(/execute-api|CallQueueUrl/);
  const data = synthesizeStack('RetailData', { 'retail:api': false });
  expect(data.resources.filter(({ logicalId }) => logicalId.startsWith('ApiSecret'))).toEqual([]);
  expect(JSON.stringify(data.template)).not.toContain('calls/');
});

import { CfnResource } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { type CloudModel, readCloudModel } from '../../../../local/assembly/read-cloud-model.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { synthesizeSampleApp } from '../api-gateway/sample-app.ts';

const ENDPOINT = 'http://127.0.0.1:4566';
const parent = temporaryDir();

/** Reads the sample app with other properties in all resources of some types. */
function read(changes: Record<string, Record<string, unknown>> = {}): Promise<CloudModel> {
  const dir = synthesizeSampleApp(parent, {
    change: ({ stack }) => {
      const resources = stack.node.findAll().filter((part) => CfnResource.isCfnResource(part));
      for (const [type, properties] of Object.entries(changes)) {
        const [kind, logicalId] = type.split(' ');
        const changed = resources.filter(
          (resource) =>
            resource.cfnResourceType === `AWS::ApiGatewayV2::${kind}` &&
            (logicalId === undefined || stack.getLogicalId(resource).startsWith(logicalId)),
        );
        for (const resource of changed) {
          for (const [name, value] of Object.entries(properties)) resource.addPropertyOverride(name, value);
        }
      }
    },
  });
  return readCloudModel(dir, ENDPOINT);
}

describe('an API', () => {
  it('has its routes with their functions, authorizers and stages', async () => {
    const { apis, functions, stacks } = await read();
    const [http, socket] = apis;
    const handler = functions.find(({ name }) => name.startsWith('sample-handler'))!.arn;
    expect(http).toMatchObject({
      protocol: 'HTTP',
      cors: { AllowOrigins: ['https://shop.example'], MaxAge: 3_600 },
      stages: [{ name: '$default', rate: 1_000, burst: 1_000 }],
    });
    expect(http!.routes.find(({ key }) => key === 'GET /scoped')).toEqual({
      key: 'GET /scoped',
      authorization: 'JWT',
      authorizer: expect.objectContaining({
        kind: 'jwt',
        issuer: 'https://issuer.example',
        audience: ['retail'],
      }),
      scopes: ['read', 'write'],
      functionArn: handler,
      timeoutMilliseconds: 30_000,
      isTwoWay: false,
    });
    expect(socket!.routes.map(({ key, isTwoWay }) => [key, isTwoWay])).toEqual([
      ['$connect', false],
      ['$default', true],
      ['quiet', false],
    ]);
    expect(socket!.routes[0]).toMatchObject({
      authorization: 'CUSTOM',
      authorizer: { kind: 'function', parameters: ['ticket'] },
      timeoutMilliseconds: 29_000,
    });
    expect(stacks[0]!.outputs).toEqual({
      HttpUrl: `${ENDPOINT}/_api/${http!.id}`,
      SocketUrl: `ws://127.0.0.1:4566/_api/${socket!.id}/live`,
    });
    expect([http!.id, socket!.id]).toEqual([
      expect.stringMatching(/^\w{10}$/),
      expect.stringMatching(/^\w{10}$/),
    ]);
  });

  it('has the limits of an account without those of a stage', async () => {
    const { apis } = await read({ Stage: { DefaultRouteSettings: undefined } });
    expect(apis[0]!.stages).toMatchObject([{ rate: 10_000, burst: 5_000 }]);
  });

  it.each<[string, Record<string, Record<string, unknown>>]>([
    ['does not read DisableExecuteApiEndpoint of Http', { 'Api Http': { DisableExecuteApiEndpoint: true } }],
    ['knows RouteSelectionExpression', { 'Api Socket': { RouteSelectionExpression: '$request.body.a.b' } }],
    [
      'credentials from every origin',
      { 'Api Http': { CorsConfiguration: { AllowOrigins: ['*'], AllowCredentials: true } } },
    ],
    [
      'does not know AllowAll of CorsConfiguration',
      { 'Api Http': { CorsConfiguration: { AllowAll: true } } },
    ],
    ['does not read StageVariables', { Stage: { StageVariables: { a: 'b' } } }],
    ['AutoDeploy only', { Stage: { AutoDeploy: false } }],
    ['does not know DataTraceEnabled', { Stage: { DefaultRouteSettings: { DataTraceEnabled: true } } }],
    ['does not read RouteSettings', { Stage: { RouteSettings: { a: { ThrottlingRateLimit: 1 } } } }],
    ['does not read CredentialsArn', { Integration: { CredentialsArn: 'arn:aws:iam::1:role/a' } }],
    ['knows IntegrationType AWS_PROXY', { Integration: { IntegrationType: 'HTTP_PROXY' } }],
    ['knows PayloadFormatVersion 2.0', { 'Integration Http': { PayloadFormatVersion: '1.0' } }],
    ['a timeout of 50 to 29000 ms', { 'Integration Socket': { TimeoutInMillis: 30_000 } }],
    ['calls functions only', { Integration: { IntegrationUri: 'https://other.example' } }],
    [
      'does not read AuthorizerResultTtlInSeconds',
      { 'Authorizer Socket': { AuthorizerResultTtlInSeconds: 300 } },
    ],
    ['only query strings', { 'Authorizer Socket': { IdentitySource: ['route.request.header.Auth'] } }],
    [
      'only from the header Authorization',
      { 'Authorizer Http': { IdentitySource: ['$request.querystring.a'] } },
    ],
    [
      'an issuer with HTTPS',
      { 'Authorizer Http': { JwtConfiguration: { Issuer: 'http://issuer.example' } } },
    ],
    ['does not know the route key ANY /{proxy+}', { 'Route HttpGETopen': { RouteKey: 'ANY /{proxy+}' } }],
    ['does not know the route key $disconnect', { 'Route Socketquiet': { RouteKey: '$disconnect' } }],
    ['does not read ModelSelectionExpression', { Route: { ModelSelectionExpression: 'a' } }],
    ['AWS_IAM with jwt', { 'Route HttpGETtoken': { AuthorizationType: 'AWS_IAM' } }],
    ['knows AuthorizationType NONE and CUSTOM', { 'Route Socketquiet': { AuthorizationType: 'AWS_IAM' } }],
    ['has no integration', { 'Route Http': { Target: 'integrations/other' } }],
  ])('is refused where the local cloud is not as AWS: %s', async (message, changes) => {
    await expect(read(changes)).rejects.toThrow(message);
  });
});

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpIamAuthorizer,
  HttpJwtAuthorizer,
  WebSocketLambdaAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration, WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';

export interface SampleApp {
  /** Code of the function behind all routes. */
  readonly code?: string;
  /** Code of the function that authorizes connections. */
  readonly authorizerCode?: string;
  readonly jwtIssuer?: string;
  readonly rateLimit?: number;
  readonly burstLimit?: number;
  readonly timeoutSeconds?: number;
  /** Changes the stack before it is synthesized. */
  readonly change?: (parts: {
    stack: Stack;
    http: apigateway.HttpApi;
    socket: apigateway.WebSocketApi;
    handler: lambda.Function;
  }) => void;
}

const NOTHING = 'export const handler = async (event) => event';

/** Synthesizes an app with an HTTP API and a WebSocket API. @returns the folder of the assembly */
export function synthesizeSampleApp(parent: string, sample: SampleApp = {}): string {
  const dir = mkdtempSync(join(parent, 'app-'));
  const app = new App({ outdir: join(dir, 'out'), context: { 'aws:cdk:enable-asset-metadata': true } });
  const stack = new Stack(app, 'Sample');
  const createFunction = (id: string, code = NOTHING) => {
    mkdirSync(join(dir, id));
    writeFileSync(join(dir, id, 'index.mjs'), code);
    return new lambda.Function(stack, id, {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(join(dir, id)),
      role: new Role(stack, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
      timeout: Duration.seconds(sample.timeoutSeconds ?? 30),
    });
  };
  const handler = createFunction('Handler', sample.code);
  const throttle = { rateLimit: sample.rateLimit ?? 1_000, burstLimit: sample.burstLimit ?? 1_000 };

  const http = new apigateway.HttpApi(stack, 'Http', {
    createDefaultStage: false,
    corsPreflight: {
      allowOrigins: ['https://shop.example'],
      allowMethods: [apigateway.CorsHttpMethod.GET, apigateway.CorsHttpMethod.POST],
      allowHeaders: ['authorization', 'content-type'],
      exposeHeaders: ['retry-after'],
      maxAge: Duration.hours(1),
    },
  });
  new apigateway.HttpStage(stack, 'HttpStage', {
    httpApi: http,
    autoDeploy: true,
    throttle,
    accessLogSettings: {
      destination: new apigateway.LogGroupLogDestination(new LogGroup(stack, 'AccessLogs')),
      format: AccessLogFormat.custom('{"requestId":"$context.requestId"}'),
    },
  });
  const integration = new HttpLambdaIntegration('Handler', handler, { scopePermissionToRoute: false });
  const { GET, POST } = apigateway.HttpMethod;
  const authorizer = new HttpIamAuthorizer();
  http.addRoutes({ path: '/stores/{store}/items', methods: [GET, POST], integration, authorizer });
  http.addRoutes({ path: '/stores/main/items', methods: [GET], integration, authorizer });
  http.addRoutes({ path: '/open', methods: [GET, POST], integration });
  const issuer = sample.jwtIssuer ?? 'https://issuer.example';
  const tokens = new HttpJwtAuthorizer('Tokens', issuer, { jwtAudience: ['retail'] });
  http.addRoutes({ path: '/token', methods: [GET], integration, authorizer: tokens });
  const scopes = { authorizer: tokens, authorizationScopes: ['read', 'write'] };
  http.addRoutes({ path: '/scoped', methods: [GET], integration, ...scopes });

  const socket = new apigateway.WebSocketApi(stack, 'Socket', {
    routeSelectionExpression: '$request.body.action',
  });
  const message = () => new WebSocketLambdaIntegration('Handler', handler);
  socket.addRoute('$connect', {
    integration: message(),
    authorizer: new WebSocketLambdaAuthorizer(
      'Tickets',
      createFunction('Authorizer', sample.authorizerCode),
      {
        identitySource: ['route.request.querystring.ticket'],
      },
    ),
  });
  socket.addRoute('$default', { integration: message(), returnResponse: true });
  socket.addRoute('quiet', { integration: message() });
  new apigateway.WebSocketStage(stack, 'SocketStage', {
    webSocketApi: socket,
    stageName: 'live',
    autoDeploy: true,
    throttle,
  });
  new ManagedPolicy(stack, 'Till', {
    managedPolicyName: 'till',
    statements: [
      new PolicyStatement({
        actions: ['execute-api:Invoke'],
        resources: [http.arnForExecuteApi('POST', '/stores/main/items', '$default')],
      }),
    ],
  });
  new CfnOutput(stack, 'HttpUrl', { value: http.apiEndpoint });
  new CfnOutput(stack, 'SocketUrl', { value: `${socket.apiEndpoint}/live` });
  sample.change?.({ stack, http, socket, handler });
  app.synth();
  return join(dir, 'out');
}

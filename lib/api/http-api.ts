import { Duration } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import { API_ROUTES, CONSOLE_ROUTES, type RouteName } from '../../lambdas/shared/api-routes.ts';
import type { DataStack } from '../data/data-stack.ts';
import { createLogGroup, type PipelineFunction } from '../pipeline/function.ts';
import type { Settings } from '../settings/read-settings.ts';

/** Calls at once may be this many times the rate per second. */
const BURST_FACTOR = 2;
/** Headers of a request that a browser may send: those of the API, and those of a signature. */
const REQUEST_HEADERS = [
  'authorization',
  'content-type',
  'idempotency-key',
  'if-none-match',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
];
/** One line of JSON for each request (API Gateway developer guide, "Customize HTTP API access logs"). */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  routeKey: '$context.routeKey',
  path: '$context.path',
  status: '$context.status',
  error: '$context.error.message',
  sourceIp: '$context.identity.sourceIp',
  caller: '$context.identity.caller',
  user: '$context.authorizer.claims.sub',
  responseLength: '$context.responseLength',
  latency: '$context.responseLatency',
};

/** Limits the requests of all callers together. API Gateway answers more of them with 429. */
export function throttleOf({ apiRequestsPerSecond }: Settings): apigateway.ThrottleSettings {
  return { rateLimit: apiRequestsPerSecond, burstLimit: apiRequestsPerSecond * BURST_FACTOR };
}

export interface HttpRoutesProps {
  readonly apiName: string;
  readonly description: string;
  /** Origins of web pages that may call the API. */
  readonly allowOrigins: readonly string[];
}

/** An HTTP API with one route for each of `API_ROUTES`. */
export class HttpRoutes extends Construct {
  readonly api: apigateway.HttpApi;

  constructor(scope: Construct, id: string, data: DataStack, props: HttpRoutesProps) {
    super(scope, id);
    const { apiName, description, allowOrigins } = props;
    const { GET, POST } = apigateway.CorsHttpMethod;
    this.api = new apigateway.HttpApi(this, 'Api', {
      apiName,
      description,
      createDefaultStage: false,
      ...(allowOrigins.length > 0 && {
        corsPreflight: {
          allowOrigins: [...allowOrigins],
          allowMethods: [GET, POST],
          allowHeaders: REQUEST_HEADERS,
          exposeHeaders: ['etag', 'retry-after'],
          maxAge: Duration.hours(1),
        },
      }),
    });
    new apigateway.HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      throttle: throttleOf(data.settings),
      accessLogSettings: {
        destination: new apigateway.LogGroupLogDestination(createLogGroup(this, 'AccessLogs', data)),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
  }

  /** Adds the routes, which the function answers for callers that the authorizer allows. */
  addRoutes(handler: PipelineFunction, authorizer: apigateway.IHttpRouteAuthorizer): void {
    const integration = new HttpLambdaIntegration('Function', handler, { scopePermissionToRoute: false });
    const addRoute = (route: string, caller: apigateway.IHttpRouteAuthorizer) => {
      const [method = '', path = ''] = route.split(' ');
      const methods = [method as apigateway.HttpMethod];
      this.api.addRoutes({ path, methods, integration, authorizer: caller });
    };
    for (const route of Object.values(API_ROUTES)) addRoute(route, authorizer);
    // The page asks the person at the screen to sign in. Its files have no secrets.
    for (const route of CONSOLE_ROUTES) addRoute(route, new apigateway.HttpNoneAuthorizer());
  }

  /**
   * The resource of a route in a policy (API Gateway developer guide, "IAM policy examples for API execution
   * permissions"). Parameters of the path are patterns.
   * @param store takes the place of the path's store
   */
  arnOf(route: RouteName, store = '*'): string {
    const [method, path = ''] = API_ROUTES[route].split(' ');
    return this.api.arnForExecuteApi(
      method,
      path.replace('{store}', store).replace(/\{\w+\}/, '*'),
      '$default',
    );
  }
}

import type { Assembly, Resource } from '../template.ts';

export type ApiModel = ReturnType<typeof readApi>;
export type RouteModel = ApiModel['routes'][number];
export type AuthorizerModel = NonNullable<ReturnType<typeof readAuthorizer>>;
export type JwtAuthorizerModel = Extract<AuthorizerModel, { kind: 'jwt' }>;

export interface CorsModel {
  readonly AllowOrigins?: readonly string[];
  readonly AllowMethods?: readonly string[];
  readonly AllowHeaders?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  readonly MaxAge?: number;
  readonly AllowCredentials?: boolean;
}

const CORS_SETTINGS = [
  'AllowOrigins',
  'AllowMethods',
  'AllowHeaders',
  'ExposeHeaders',
  'MaxAge',
  'AllowCredentials',
];
/** Maximum of an integration, and its default (API Gateway V2 API reference, "Integrations": `TimeoutInMillis`). */
const MAX_TIMEOUTS = { HTTP: 30_000, WEBSOCKET: 29_000 };
/** API Gateway developer guide, "Amazon API Gateway quotas": of an account in a region. */
const ACCOUNT_RATE = 10_000;
const ACCOUNT_BURST = 5_000;
/** Settings of a stage that only add metrics. */
const METRIC_SETTINGS = ['DetailedMetricsEnabled'];
/**
 * Method and path. Its last part may be a variable for the rest of the path, but not with every method: which of both
 * decides is not simple (API Gateway developer guide, "Routing API requests").
 */
const HTTP_ROUTE_KEY = /^(?!ANY .*\+\}$)[A-Z]+ \/(([\w.-]+|\{\w+\})(\/|$))*(\{\w+\+\})?$/;
const THROTTLE_SETTINGS = ['ThrottlingBurstLimit', 'ThrottlingRateLimit'];

/** Reads an HTTP or WebSocket API with its routes and stages. */
export function readApi(resource: Resource, assembly: Assembly) {
  const { logicalId } = resource;
  const common = ['Name', 'Description', 'ProtocolType', 'Tags'];
  knowOnly(resource, [...common, 'CorsConfiguration', 'RouteSelectionExpression']);
  const id = resource.ref();
  const protocol = oneOf(resource, 'ProtocolType', ['HTTP', 'WEBSOCKET']);
  const partsOf = (type: string) =>
    assembly.ofType(`AWS::ApiGatewayV2::${type}`).filter((part) => part.property('ApiId') === id);
  if (protocol === 'WEBSOCKET') oneOf(resource, 'RouteSelectionExpression', ['$request.body.action']);
  const cors = resource.property<CorsModel>('CorsConfiguration');
  const unknown = Object.keys(cors ?? {}).find((name) => !CORS_SETTINGS.includes(name));
  if (unknown !== undefined) throw new Error(`the local cloud does not know ${unknown} of CorsConfiguration`);
  if (cors?.AllowCredentials === true && cors.AllowOrigins?.includes('*')) {
    throw new Error(`${logicalId}: API Gateway does not allow credentials from every origin`);
  }
  const integrations = new Map(
    partsOf('Integration').map((part) => [`integrations/${part.ref()}`, readIntegration(part, protocol)]),
  );
  const authorizers = new Map(partsOf('Authorizer').map((part) => [part.ref(), readAuthorizer(part)]));
  const answering = partsOf('RouteResponse').map((part) => {
    knowOnly(part, ['ApiId', 'RouteId', 'RouteResponseKey']);
    oneOf(part, 'RouteResponseKey', ['$default']);
    return part.property('RouteId');
  });
  const routes = partsOf('Route').map((part) => {
    const authorizer = authorizers.get(part.property('AuthorizerId') ?? '');
    const integration = integrations.get(part.property('Target') ?? '');
    if (integration === undefined) throw new Error(`the route ${part.logicalId} has no integration`);
    // Both are necessary (API Gateway developer guide, "Set up route responses for a WebSocket API").
    const hasExpression = part.property('RouteResponseSelectionExpression') === '$default';
    return {
      ...readRoute(part, protocol, authorizer),
      ...integration,
      isTwoWay: hasExpression && answering.includes(part.ref()),
    };
  });
  return { id, protocol, cors, routes, stages: partsOf('Stage').map(readStage) };
}

function readRoute(route: Resource, protocol: 'HTTP' | 'WEBSOCKET', authorizer: AuthorizerModel | undefined) {
  knowOnly(route, [
    ...['ApiId', 'RouteKey', 'Target', 'RouteResponseSelectionExpression'],
    ...['AuthorizationType', 'AuthorizerId', 'AuthorizationScopes'],
  ]);
  const key = route.property('RouteKey')!;
  const known = protocol === 'HTTP' ? HTTP_ROUTE_KEY : /^(\$connect|\$default|\w+)$/;
  if (!known.test(key)) throw new Error(`the local cloud does not know the route key ${key}`);
  const kinds = protocol === 'HTTP' ? (['NONE', 'AWS_IAM', 'JWT'] as const) : (['NONE', 'CUSTOM'] as const);
  const authorization = oneOf(route, 'AuthorizationType', kinds, 'NONE');
  const kind = authorizer?.kind ?? 'none';
  const isComplete =
    { NONE: 'none', AWS_IAM: 'none', JWT: 'jwt', CUSTOM: 'function' }[authorization] === kind;
  if (!isComplete) throw new Error(`the route ${key} has the authorization ${authorization} with ${kind}`);
  const scopes = route.property<string[]>('AuthorizationScopes') ?? [];
  return { key, authorization, authorizer, scopes };
}

function readIntegration(integration: Resource, protocol: 'HTTP' | 'WEBSOCKET') {
  knowOnly(integration, [
    ...['ApiId', 'IntegrationType', 'IntegrationUri', 'PayloadFormatVersion', 'TimeoutInMillis'],
    ...['Description', 'IntegrationMethod'],
  ]);
  oneOf(integration, 'IntegrationType', ['AWS_PROXY']);
  oneOf(integration, 'IntegrationMethod', ['POST'], 'POST');
  const version = protocol === 'HTTP' ? '2.0' : '1.0';
  oneOf(integration, 'PayloadFormatVersion', [version], protocol === 'HTTP' ? undefined : version);
  const max = MAX_TIMEOUTS[protocol];
  const timeoutMilliseconds = integration.property<number>('TimeoutInMillis') ?? max;
  if (!(timeoutMilliseconds >= 50 && timeoutMilliseconds <= max)) {
    throw new Error(
      `API Gateway allows a timeout of 50 to ${max} ms, and not that of ${integration.logicalId}`,
    );
  }
  return { functionArn: readFunctionUri(integration, 'IntegrationUri'), timeoutMilliseconds };
}

function readAuthorizer(authorizer: Resource) {
  const { logicalId } = authorizer;
  const type = oneOf(authorizer, 'AuthorizerType', ['JWT', 'REQUEST']);
  const sources = authorizer.property<string[]>('IdentitySource') ?? [];
  const own = type === 'JWT' ? 'JwtConfiguration' : 'AuthorizerUri';
  knowOnly(authorizer, ['ApiId', 'AuthorizerType', 'IdentitySource', 'Name', own]);
  const id = authorizer.ref();
  if (type === 'REQUEST') {
    const names = sources.map((source) => /^route\.request\.querystring\.([\w-]+)$/.exec(source)?.[1]);
    const parameters = names.filter((name) => name !== undefined);
    if (parameters.length !== sources.length) {
      throw new Error(`${logicalId}: the local cloud knows only query strings as identity sources`);
    }
    const functionArn = readFunctionUri(authorizer, 'AuthorizerUri');
    return { kind: 'function', id, functionArn, parameters } as const;
  }
  const { Issuer: issuer = '', Audience: audience = [] } =
    authorizer.property<{ Issuer?: string; Audience?: string[] }>('JwtConfiguration') ?? {};
  if (sources.join() !== '$request.header.Authorization') {
    throw new Error(`${logicalId}: the local cloud reads tokens only from the header Authorization`);
  }
  // API Gateway takes issuers with HTTPS only; a test may have one on this machine.
  if (!/^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost)[:/])/.test(issuer) || audience.length === 0) {
    throw new Error(`${logicalId} needs an issuer with HTTPS and an audience`);
  }
  return { kind: 'jwt', id, issuer, audience } as const;
}

function readStage(stage: Resource) {
  knowOnly(stage, [
    ...['ApiId', 'StageName', 'AutoDeploy', 'DefaultRouteSettings', 'AccessLogSettings'],
    ...['Description', 'Tags'],
  ]);
  if (stage.property<boolean>('AutoDeploy') !== true) {
    throw new Error(`the local cloud serves stages with AutoDeploy only, and not ${stage.logicalId}`);
  }
  const settings = stage.property<Record<string, number | undefined>>('DefaultRouteSettings') ?? {};
  const unknown = Object.keys(settings).find(
    (name) => ![...METRIC_SETTINGS, ...THROTTLE_SETTINGS].includes(name),
  );
  if (unknown !== undefined)
    throw new Error(`the local cloud does not know ${unknown} of ${stage.logicalId}`);
  const { ThrottlingRateLimit: rate = ACCOUNT_RATE, ThrottlingBurstLimit: burst = ACCOUNT_BURST } = settings;
  return { name: stage.property('StageName')!, rate, burst };
}

/** Reads the function of an integration or authorizer: its ARN, or that of its invocation. */
function readFunctionUri(resource: Resource, property: string): string {
  const uri = resource.property(property) ?? '';
  const [, functionArn = uri] = /:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(uri) ?? [];
  if (functionArn.startsWith('arn:aws:lambda:')) return functionArn;
  throw new Error(`${resource.logicalId}: the local cloud calls functions only, and not ${uri}`);
}

/** @throws {Error} for a property that the template sets and the local cloud does not read */
function knowOnly({ type, logicalId, propertyNames }: Resource, known: readonly string[]): void {
  const unknown = propertyNames.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new Error(`the local cloud does not read ${unknown} of ${logicalId} (${type})`);
}

function oneOf<Value extends string>(
  resource: Resource,
  name: string,
  values: readonly Value[],
  byDefault?: Value,
): Value {
  const value = resource.property<Value>(name) ?? byDefault;
  if (value !== undefined && values.includes(value)) return value;
  throw new Error(
    `${resource.logicalId}: the local cloud knows ${name} ${values.join(' and ')}, not ${value}`,
  );
}

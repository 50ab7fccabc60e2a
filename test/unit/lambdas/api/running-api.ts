import { createHash } from 'node:crypto';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, expect, vi } from 'vitest';
import { ANSWERS, Problem } from '../../../../lambdas/api/answers.ts';
import type { RequestContext } from '../../../../lambdas/api/callers.ts';
import { DEFAULT_RULES, type RulesDocument } from '../../../../lambdas/core/rules.ts';
import { API_ROUTES, type RouteName } from '../../../../lambdas/shared/api-routes.ts';
import type { ApiSettings } from '../../../../lambdas/shared/api-settings.ts';

const QUEUES = ['CALL', 'UPLOAD', 'ROW', 'NOTICE'].flatMap((name) => [
  [`${name}_QUEUE_URL`, `${name.toLowerCase()}s`],
  [`${name}_DEAD_LETTER_QUEUE_URL`, `${name.toLowerCase()}s-dead`],
]);
const ENVIRONMENT = [
  ...QUEUES,
  ['STAGE', 'test'],
  ['CLUSTER_ARN', 'cluster'],
  ['DATABASE_NAME', 'retail'],
  ['DATABASE_SECRET_ARN', 'api-role'],
  ['UPLOAD_BUCKET_NAME', 'bucket'],
  ['API_SECRET_ARN', 'api-secret'],
  ['WEB_SOCKET_URL', 'wss://example.com/live'],
  ['CONSOLE_SIGN_IN', '{"kind":"none"}'],
  ['AWS_REGION', 'eu-west-1'],
  ['AWS_ACCESS_KEY_ID', 'AKIATEST'],
  ['AWS_SECRET_ACCESS_KEY', 'secret'],
  ['AWS_SESSION_TOKEN', 'session'],
  ['POWERTOOLS_LOG_LEVEL', 'SILENT'],
  ['POWERTOOLS_METRICS_DISABLED', 'true'],
  ['POWERTOOLS_METRICS_NAMESPACE', 'test'],
] as const;

const { taxes, returns, isKnownStore, ...rules } = DEFAULT_RULES;
export const RULES: RulesDocument = {
  rules: { ...rules, unknownColumns: 'refuse' },
  taxes,
  returns: { '*': returns },
  profiles: [],
  knownStores: ['oslo', 'bergen'],
};

/** Settings of the stage: a test may change the deadlines. */
export const SETTINGS: ApiSettings = {
  stage: 'test',
  stores: ['bergen', 'oslo'],
  limits: { maxMessageBytes: 1_048_576, maxUnpackedMiB: 10_240, maxRejectedRows: 1_000 },
  parserRevision: 'code-rules',
  deadlines: [],
  checkMinutes: { sweep: 15, verify: 1_440 },
};

export const SECRET = 'the secret of the stage';
type Mocks = ReturnType<typeof mockClients>;
export let sqs: Mocks['sqs'];
export let s3: Mocks['s3'];
export let database: Mocks['database'];
export let secrets: Mocks['secrets'];
let handler: typeof import('../../../../lambdas/api/index.ts').handler;
/** The bucket: texts by key. */
export const objects = new Map<string, string>();

function mockClients() {
  return {
    sqs: mockClient(SQSClient),
    s3: mockClient(S3Client),
    database: mockClient(RDSDataClient),
    secrets: mockClient(SecretsManagerClient),
  };
}

/** Mocks the services for the tests of one file: other files of the same worker use the same clients. */
export function mockServices(): void {
  beforeAll(async () => {
    for (const [name, value] of ENVIRONMENT) vi.stubEnv(name!, value!);
    vi.doMock('../../../../lambdas/shared/rules-file.ts', () => ({ readRulesDocument: () => RULES }));
    vi.doMock('../../../../lambdas/shared/api-settings.ts', () => ({ readApiSettings: () => SETTINGS }));
    ({ handler } = await import('../../../../lambdas/api/index.ts'));
    ({ sqs, s3, database, secrets } = mockClients());
  });
  beforeEach(resetServices);
  afterAll(() => {
    vi.unstubAllEnvs();
    for (const mock of [sqs, s3, database, secrets]) mock.restore();
  });
}

/** Makes every service answer as it should. */
function resetServices(): void {
  for (const mock of [sqs, s3, database, secrets]) mock.reset();
  objects.clear();
  secrets.on(GetSecretValueCommand).resolves({ SecretString: JSON.stringify({ password: SECRET }) });
  sqs.on(SendMessageCommand).resolves({});
  sqs.on(ReceiveMessageCommand).resolves({});
  sqs.on(GetQueueAttributesCommand).resolves({
    Attributes: { ApproximateNumberOfMessages: '3', ApproximateNumberOfMessagesNotVisible: '1' },
  });
  database.on(ExecuteStatementCommand).resolves({ records: [] });
  s3.on(PutObjectCommand).callsFake(
    ({ Key, Body, IfNoneMatch }: PutObjectCommandInput & { Key: string; Body: string }) => {
      if (IfNoneMatch && objects.has(Key)) throw serviceError('PreconditionFailed', 412);
      objects.set(Key, Body);
      return {};
    },
  );
  s3.on(ListObjectsV2Command).callsFake(({ Prefix }: { Prefix: string }) => ({
    Contents: [...objects.keys()].filter((key) => key.startsWith(Prefix)).map((Key) => ({ Key })),
  }));
  s3.on(GetObjectCommand).callsFake(({ Key }: { Key: string }) => ({
    Body: { transformToString: async () => objects.get(Key) },
  }));
}

export function serviceError(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
}

/** Makes each statement return these values as JSON, one row for each. */
export function ledgerHas(...rows: unknown[]): void {
  const records = rows.map((row) => [{ stringValue: JSON.stringify(row) }]);
  database.on(ExecuteStatementCommand).resolves({ records });
}

/** Makes one statement after the other return values as JSON, one row for each; those after them return no rows. */
export function answerInOrder(...answers: unknown[][]): void {
  const remaining = [...answers];
  database.on(ExecuteStatementCommand).callsFake(() => {
    return { records: (remaining.shift() ?? []).map((row) => [{ stringValue: JSON.stringify(row) }]) };
  });
}

export interface Sent {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly authorizer?: RequestContext['authorizer'];
  readonly rawPath?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown>;
}

/** Sends a request as API Gateway does (payload format 2.0), by default with IAM and for the store `oslo`. */
export async function request(route: RouteName | 'unknown', sent: Sent = {}): Promise<Answered> {
  const routeKey = route === 'unknown' ? 'GET /unknown' : API_ROUTES[route];
  const pathParameters = { store: 'oslo', receipt: 'r', id: 'i', ...sent.path };
  const path = routeKey.split(' ')[1]!;
  const answer = await handler({
    routeKey,
    rawPath:
      sent.rawPath ??
      path.replace(/\{(\w+)\}/g, (_, name: string) => pathParameters[name as keyof typeof pathParameters]),
    pathParameters,
    ...(sent.query && { queryStringParameters: sent.query }),
    headers: { 'content-type': 'application/json', ...sent.headers },
    isBase64Encoded: sent.isBase64Encoded ?? false,
    ...(sent.body !== undefined && { body: sent.body }),
    requestContext: { routeKey, requestId: 'request', authorizer: sent.authorizer ?? { iam: {} } },
  });
  const body = JSON.parse(answer.body || '{}') as Record<string, unknown>;
  checkAnswer(route, answer.statusCode, body);
  return { status: answer.statusCode, headers: answer.headers, body };
}

/** Compares an answer with the description of the API. @throws {Error} */
function checkAnswer(route: RouteName | 'unknown', status: number, body: unknown): void {
  if (status === 304) return;
  if (status >= 400 || route === 'unknown') {
    Problem.parse(body);
    return;
  }
  const answer = ANSWERS[route];
  if (status !== answer.status) throw new Error(`${route} answers ${status}, not ${answer.status}`);
  // A member that the schema does not have is lost.
  expect(answer.schema.parse(body)).toEqual(body);
}

/** Sends a message over a connection of the store `oslo`. */
export async function sendFrame(body?: string, eventType: 'CONNECT' | 'MESSAGE' = 'MESSAGE') {
  const requestContext = { eventType, connectionId: 'c', authorizer: { store: 'oslo' } };
  const answer = await handler({ requestContext, ...(body !== undefined && { body }) });
  return { status: answer.statusCode, body: JSON.parse(answer.body) as Record<string, unknown> };
}

export const tokenFor = (stores: string) => ({ jwt: { claims: { stores } } });

/** A valid transaction. @param seed the same seed gives the same id */
export function transaction(seed: number, changes: object = {}): Record<string, unknown> {
  const hash = createHash('sha256').update(String(seed)).digest('hex');
  return {
    id: hash.replace(/^(.{8})(.{4})(.{3})(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5'),
    transaction_date: '2025-03-14',
    category: 'SELL',
    description: 'Milk',
    quantity: 2,
    amount_excl_tax: '10.00',
    amount_inc_tax: '12.00',
    ...changes,
  };
}

/** Returns the messages on the call queue. */
export const sentMessages = () =>
  sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input.MessageBody!);

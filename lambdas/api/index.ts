import { Logger } from '@aws-lambda-powertools/logger';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { API_ROUTES, CONSOLE_FOLDER, CONSOLE_ROUTES, type RouteName } from '../shared/api-routes.ts';
import { ApiSecret } from '../shared/api-secret.ts';
import { readApiSettings } from '../shared/api-settings.ts';
import { Database } from '../shared/data-api.ts';
import { readEnvironment } from '../shared/environment.ts';
import { readRulesDocument } from '../shared/rules-file.ts';
import { type HttpEvent, storesOf } from './callers.ts';
import { ConsoleFiles } from './console-files.ts';
import { createSignIn } from './console-sign-in.ts';
import { API_VARIABLES } from './environment.ts';
import { HANDLERS } from './handlers.ts';
import { Ledger } from './ledger.ts';
import { answerMessage } from './messages.ts';
import { bucketUrlOf } from './presigned-post.ts';
import { type Answer, answerJson, answerProblem, ProblemError, toProblem } from './problem.ts';
import type { ApiResources } from './resources.ts';
import { revalidate } from './revalidate.ts';

/** Two tries end before API Gateway gives up, after 30 seconds. */
const DATABASE_TIMEOUT_MILLISECONDS = 12_000;
/** Three tries of an SDK client end before that too. */
const requestHandler = { requestTimeout: 5_000, throwOnRequestTimeout: true };

const environment = readEnvironment(API_VARIABLES, process.env);
const logger = new Logger();
const { callQueueUrl, callDeadLetterQueueUrl, rowQueueUrl, rowDeadLetterQueueUrl } = environment;
const { uploadQueueUrl, uploadDeadLetterQueueUrl } = environment;
const { noticeQueueUrl, noticeDeadLetterQueueUrl } = environment;
let cloudWatch: CloudWatchClient | undefined;
const isLocal = process.env.AWS_ENDPOINT_URL !== undefined;
const resources: ApiResources = {
  ...environment,
  sqs: new SQSClient({ requestHandler }),
  s3: new S3Client({ requestHandler }),
  // Few copies of the function need it.
  cloudWatch: () => {
    cloudWatch ??= new CloudWatchClient({ requestHandler });
    return cloudWatch;
  },
  secret: new ApiSecret(new SecretsManagerClient({ requestHandler }), environment.apiSecretArn),
  ledger: new Ledger(
    new Database(environment, {
      callTimeoutMilliseconds: DATABASE_TIMEOUT_MILLISECONDS,
      rotationWaitMilliseconds: 0,
    }),
  ),
  rules: readRulesDocument(),
  settings: readApiSettings(),
  region: process.env.AWS_REGION ?? '',
  endpoint: process.env.AWS_ENDPOINT_URL,
  queues: {
    calls: { queueUrl: callQueueUrl, deadLetterQueueUrl: callDeadLetterQueueUrl },
    uploads: { queueUrl: uploadQueueUrl, deadLetterQueueUrl: uploadDeadLetterQueueUrl },
    rows: { queueUrl: rowQueueUrl, deadLetterQueueUrl: rowDeadLetterQueueUrl },
    notices: { queueUrl: noticeQueueUrl, deadLetterQueueUrl: noticeDeadLetterQueueUrl },
  },
};
const describeSignIn = createSignIn(environment.consoleSignIn, logger);
const consoleFiles = new ConsoleFiles(new URL(`${CONSOLE_FOLDER}/`, import.meta.url), {
  configAt: async (host) => ({
    stage: environment.stage,
    signIn: isLocal ? { kind: 'session' } : await describeSignIn(host),
    hasLocalControl: isLocal,
  }),
  uploadUrl: resources.endpoint ?? bucketUrlOf(resources.bucketName, resources.region),
});
const handlersByRoute = new Map(
  Object.entries(API_ROUTES).map(([name, routeKey]) => [routeKey as string, HANDLERS[name as RouteName]]),
);
const consoleRoutes: readonly string[] = CONSOLE_ROUTES;

interface WebSocketEvent {
  readonly requestContext: {
    readonly eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
    readonly connectionId: string;
    readonly authorizer?: { readonly store?: string };
  };
  readonly body?: string;
}

/** Answers a request of the HTTP API, or a message of the WebSocket API. */
export async function handler(event: HttpEvent | WebSocketEvent): Promise<Answer> {
  return 'routeKey' in event ? handleRequest(event) : handleConnection(event);
}

async function handleRequest(event: HttpEvent): Promise<Answer> {
  const details = { requestId: event.requestContext.requestId, route: event.routeKey, path: event.rawPath };
  try {
    const answer = await answerRequest(event);
    logger.info('request answered', { ...details, status: answer.statusCode });
    return answer;
  } catch (error) {
    const problem = toProblem(error);
    const answer = answerProblem(problem);
    const refusal = { ...details, status: answer.statusCode, code: problem.code, error: problem };
    if (answer.statusCode < 500) logger.info('request refused', refusal);
    else logger.error('request failed', refusal);
    return answer;
  }
}

/** @throws {ProblemError} */
async function answerRequest(event: HttpEvent): Promise<Answer> {
  if (consoleRoutes.includes(event.routeKey)) return consoleFiles.answer(event);
  const handle = handlersByRoute.get(event.routeKey);
  if (handle === undefined) throw new ProblemError('not-found', 'The API has no such route.');
  // Refuses a caller who may not use the route for any store. The handler chooses among the stores of the others.
  storesOf(event.requestContext);
  return revalidate(event, await handle(event, resources));
}

/** Answers a message. API Gateway calls the function for a new connection too, which its authorizer allowed. */
async function handleConnection({ requestContext, body = '' }: WebSocketEvent): Promise<Answer> {
  const { eventType, connectionId, authorizer } = requestContext;
  if (eventType !== 'MESSAGE') return answerJson(200, {});
  const store = authorizer?.store ?? '';
  const answer = await answerMessage(store, body, resources, logger);
  logger.info('message answered', { connectionId, store, hasError: 'error' in answer });
  return answerJson(200, answer);
}

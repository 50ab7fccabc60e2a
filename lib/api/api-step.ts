import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Tracing } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { API_VARIABLES } from '../../lambdas/api/environment.ts';
import { AUTHORIZER_VARIABLES } from '../../lambdas/authorize/environment.ts';
import { CHECKS_PREFIX, INCOMING_PREFIX } from '../../lambdas/core/upload-key.ts';
import { CALLS_PREFIX, STORE_ROUTES } from '../../lambdas/shared/api-routes.ts';
import { API_SETTINGS_FILE, type ApiSettings } from '../../lambdas/shared/api-settings.ts';
import { buildCheckKey } from '../../lambdas/shared/check-results.ts';
import { CONSOLE_PAGE, type ConsoleSignIn as SignIn } from '../../lambdas/shared/console-sign-in.ts';
import { writeEnvironment } from '../../lambdas/shared/environment.ts';
import { API_OUTPUTS, CONSOLE_OUTPUT, tillPolicyOutput } from '../../lambdas/shared/stacks.ts';
import { allow } from '../access/statements.ts';
import type { DataStack } from '../data/data-stack.ts';
import { addFile, addOutput, joinHooks, PipelineFunction } from '../pipeline/function.ts';
import type { ParseStep } from '../pipeline/parse-step.ts';
import type { StepQueue } from '../pipeline/step-queue.ts';
import type { Settings } from '../settings/read-settings.ts';
import { buildConsole } from './build-console.ts';
import { CollectStep } from './collect-step.ts';
import { ConsoleSignIn } from './console-sign-in.ts';
import { HttpRoutes } from './http-api.ts';
import { readRunbook } from './runbook.ts';
import { WebSocket } from './web-socket-api.ts';

/** Below the 30 seconds that API Gateway waits for an answer. */
const TIMEOUT_SECONDS = 29;
const AUTHORIZER_TIMEOUT_SECONDS = 10;
/**
 * Traces a call only if its caller asks for it, with `Sampled=1` in the header `X-Amzn-Trace-Id`. Below one call a second
 * Lambda would trace each: for more than twice the price of the call itself.
 */
const TRACING = Tracing.PASS_THROUGH;

/** Queues whose messages the API counts, besides those of calls and uploads. */
type OtherQueues = Readonly<Record<'rows' | 'notices', StepQueue>>;

/** HTTP and WebSocket APIs → api → call queue. */
export class ApiStep extends Construct {
  readonly http: HttpRoutes;
  /**
   * The same routes for people who have signed in. A route of an HTTP API has one authorizer, and that of tills is IAM.
   * Undefined in a stage whose people do not sign in with Amazon Cognito.
   */
  readonly people: HttpRoutes | undefined;
  readonly webSocket: WebSocket;
  readonly collect: CollectStep;
  readonly handler: PipelineFunction;

  constructor(scope: Construct, id: string, data: DataStack, parse: ParseStep, others: OtherQueues) {
    super(scope, id);
    const { settings } = data;
    const secret = data.apiSecret!;
    this.collect = new CollectStep(scope, 'Collect', data);
    this.webSocket = new WebSocket(this, 'WebSocket', settings);
    this.http = new HttpRoutes(this, 'Http', data, {
      apiName: `retail-${settings.stage}`,
      description: 'Receives transactions and files, and returns their results.',
      allowOrigins: settings.apiCorsOrigins,
    });
    const { userDirectory } = data;
    this.people =
      userDirectory &&
      new HttpRoutes(this, 'People', data, {
        apiName: `retail-${settings.stage}-console`,
        description: 'Serves the console, and answers people who have signed in.',
        // The console is a page of this API.
        allowOrigins: [],
      });
    const signIn =
      userDirectory && new ConsoleSignIn(this, 'SignIn', userDirectory, this.people!.api.apiEndpoint);
    const description = signIn?.description ?? describeIssuer(settings, this.http.api.apiEndpoint);
    this.handler = this.#createHandler(data, secret, parse, others, description);
    this.http.addRoutes(this.handler, createTillAuthorizer(settings));
    if (signIn) this.people!.addRoutes(this.handler, signIn.authorizer);
    if (description.kind !== 'none')
      new CfnOutput(Stack.of(this), CONSOLE_OUTPUT, { value: description.consoleUrl });
    this.webSocket.addRoutes(settings, this.handler, this.#createAuthorizer(scope, data, secret));
    this.#addTillPolicies(data);
    this.#addOutputs();
  }

  #createHandler(
    data: DataStack,
    secret: ISecret,
    parse: ParseStep,
    { rows, notices }: OtherQueues,
    signIn: SignIn,
  ): PipelineFunction {
    const { settings, database, uploadBucket } = data;
    const { calls } = this.collect;
    const { uploads } = parse;
    const handler = new PipelineFunction(this, 'Function', {
      folder: 'api',
      description: 'Answers the requests of the HTTP API and the messages of the WebSocket API.',
      timeoutSeconds: TIMEOUT_SECONDS,
      tracing: TRACING,
      data,
      environment: writeEnvironment(API_VARIABLES, {
        ...database.connection('api'),
        stage: settings.stage,
        bucketName: uploadBucket.bucketName,
        apiSecretArn: secret.secretArn,
        webSocketUrl: this.webSocket.url,
        callQueueUrl: calls.queue.queueUrl,
        callDeadLetterQueueUrl: calls.deadLetterQueue.queueUrl,
        uploadQueueUrl: uploads.queue.queueUrl,
        uploadDeadLetterQueueUrl: uploads.deadLetterQueue.queueUrl,
        rowQueueUrl: rows.queue.queueUrl,
        rowDeadLetterQueueUrl: rows.deadLetterQueue.queueUrl,
        noticeQueueUrl: notices.queue.queueUrl,
        noticeDeadLetterQueueUrl: notices.deadLetterQueue.queueUrl,
        consoleSignIn: JSON.stringify(signIn),
      }),
      rules: settings.rules,
      bundlingHooks: joinHooks([
        addOutput(buildConsole),
        addFile(API_SETTINGS_FILE, {
          stage: settings.stage,
          stores: settings.stores,
          deadlines: settings.deadlines,
          checkMinutes: { sweep: settings.sweepEveryMinutes, verify: settings.verifyEveryHours * 60 },
          limits: parse.limits,
          parserRevision: parse.revision,
          ...(settings.monitoring && { runbook: readRunbook() }),
        } satisfies ApiSettings),
      ]),
    });
    for (const pair of [calls, uploads, rows, notices]) {
      pair.allowSending(handler);
      handler.allow(['sqs:GetQueueAttributes'], [pair.queue.queueArn, pair.deadLetterQueue.queueArn]);
      // Shows dead letters to operators, and sends them back.
      handler.allow(
        ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
        [pair.deadLetterQueue.queueArn],
      );
    }
    if (settings.monitoring) {
      const { account, partition, region } = Stack.of(this);
      // A list by a prefix of names needs all alarms: a denial names `alarm:*`.
      handler.allow(
        ['cloudwatch:DescribeAlarms'],
        [`arn:${partition}:cloudwatch:${region}:${account}:alarm:*`],
      );
    }
    // Signs the forms of uploads, which have the permissions of the signer.
    handler.allow(['s3:PutObject'], [uploadBucket.arnForObjects(`${INCOMING_PREFIX}store=*`)]);
    handler.allow(['s3:GetObject', 's3:PutObject'], [uploadBucket.arnForObjects(`${CALLS_PREFIX}store=*`)]);
    // Reads the results of the checks. Their keys are listed, because S3 answers 403 for a missing object otherwise.
    handler.allow(['s3:ListBucket'], [uploadBucket.bucketArn], {
      StringEquals: { 's3:prefix': CHECKS_PREFIX },
    });
    handler.allow(
      ['s3:GetObject'],
      (['sweep', 'verify'] as const).map((name) => uploadBucket.arnForObjects(buildCheckKey(name))),
    );
    handler.allowKey('s3', 'write');
    handler.allow(['secretsmanager:GetSecretValue'], [secret.secretArn]);
    database.allowStatements(handler, 'api');
    return handler;
  }

  #createAuthorizer(scope: Construct, data: DataStack, secret: ISecret): PipelineFunction {
    const { uploadBucket } = data;
    const authorizer = new PipelineFunction(new Construct(scope, 'Authorize'), 'Function', {
      folder: 'authorize',
      description: 'Lets a caller with a ticket open a connection of the WebSocket API.',
      timeoutSeconds: AUTHORIZER_TIMEOUT_SECONDS,
      tracing: TRACING,
      data,
      environment: writeEnvironment(AUTHORIZER_VARIABLES, {
        bucketName: uploadBucket.bucketName,
        apiSecretArn: secret.secretArn,
      }),
    });
    authorizer.allow(['s3:PutObject'], [uploadBucket.arnForObjects(`${CALLS_PREFIX}tickets/*`)]);
    authorizer.allowKey('s3', 'create');
    authorizer.allow(['secretsmanager:GetSecretValue'], [secret.secretArn]);
    authorizer.allowKey('secretsmanager', 'read');
    return authorizer;
  }

  /** Adds a policy for each store, to attach to the principal of the store's tills. */
  #addTillPolicies({ settings: { stage, stores } }: DataStack): void {
    const scope = new Construct(this, 'TillAccess');
    for (const store of stores) {
      const resources = STORE_ROUTES.map((route) => this.http.arnOf(route, store));
      const { managedPolicyArn: value } = new ManagedPolicy(scope, `Store-${store}`, {
        description: `Sends transactions of the store ${store} to the retail pipeline's stage ${stage}.`,
        statements: [allow(['execute-api:Invoke'], resources)],
      });
      new CfnOutput(Stack.of(this), tillPolicyOutput(store), { value });
    }
  }

  #addOutputs(): void {
    const { calls } = this.collect;
    const values: Readonly<Record<keyof typeof API_OUTPUTS, string>> = {
      httpApiUrl: this.http.api.apiEndpoint,
      webSocketUrl: this.webSocket.url,
      callQueueUrl: calls.queue.queueUrl,
      callDeadLetterQueueUrl: calls.deadLetterQueue.queueUrl,
    };
    for (const [key, value] of Object.entries(values)) {
      new CfnOutput(Stack.of(this), API_OUTPUTS[key as keyof typeof API_OUTPUTS], { value });
    }
  }
}

function createTillAuthorizer({ apiJwtIssuer, apiJwtAudience = '' }: Settings): IHttpRouteAuthorizer {
  if (apiJwtIssuer === undefined) return new HttpIamAuthorizer();
  return new HttpJwtAuthorizer('Tokens', apiJwtIssuer, { jwtAudience: [apiJwtAudience] });
}

/** People who sign in at the issuer of the tills' tokens use the API of the tills. */
function describeIssuer(
  { consoleSignIn, consoleClientId = '', consoleScopes, apiJwtIssuer = '', apiJwtAudience = '' }: Settings,
  apiUrl: string,
): SignIn {
  if (consoleSignIn !== 'issuer') return { kind: 'none' };
  return {
    kind: 'issuer',
    consoleUrl: `${apiUrl}${CONSOLE_PAGE}`,
    issuer: apiJwtIssuer,
    audience: apiJwtAudience,
    clientId: consoleClientId,
    scopes: consoleScopes,
  };
}

import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Intercept, ServiceName } from '../gateway/gateway.ts';
import { readBody, type Service, type ServiceRequest } from '../gateway/service.ts';
import { nameS3Action } from '../s3/s3-service.ts';
import type { CallFault, FaultPlan } from './fault-plan.ts';

/** A call that is on its way to its service. */
interface PendingCall {
  readonly service: Service;
  readonly request: ServiceRequest;
  readonly response: ServerResponse;
}

/**
 * Injects the faults of a plan into calls of functions and of users who have a managed policy.
 * @param crash ends the copy of a function with this session token
 */
export function faultyCalls(plan: FaultPlan, crash: (sessionToken: string) => Promise<void>): Intercept {
  const counts = new Map<string, number>();
  return async (serviceName, service, request, response) => {
    const { caller, incoming } = request;
    const action = actionOf(serviceName, request);
    const functionName = caller.arn.split(':').at(-1)!;
    const number = (counts.get(`${functionName} ${action}`) ?? 0) + 1;
    counts.set(`${functionName} ${action}`, number);
    const requestBytes = Number(incoming.headers['content-length'] ?? 0);
    const isPlanned = caller.kind === 'function' || caller.kind === 'user';
    const fault = isPlanned ? plan.onCall?.({ functionName, action, number, requestBytes }) : undefined;
    const call = { service, request, response };
    if (fault === undefined) await service.handle(request, response);
    else await inject(fault, call, () => crash(String(incoming.headers['x-amz-security-token'])));
  };
}

async function inject(fault: CallFault, call: PendingCall, crashCaller: () => Promise<void>): Promise<void> {
  const { service, request, response } = call;
  if (fault.kind === 'partial') return refuseEverySecond(call);
  if (fault.kind === 'delay') {
    await sleep(fault.milliseconds);
    return service.handle(request, response);
  }
  if (fault.when === 'after') await takeEffect(call);
  else request.incoming.resume();
  if (fault.kind === 'crash') await crashCaller();
  if (fault.kind === 'error') service.writeError(response, fault.code, fault.status, 'an injected fault');
  else response.destroy();
}

/** Lets the service do its work and drops the answer; only the first piece of a stream of bytes is sent. */
async function takeEffect({ service, request, response }: PendingCall): Promise<void> {
  if (request.incoming.method === 'GET') {
    const { write } = response;
    response.write = ((chunk: Buffer) => {
      write.call(response, chunk, 'utf8');
      response.destroy();
      return false;
    }) as typeof response.write;
    response.end = (() => response.destroy()) as typeof response.end;
    return service.handle(request, response).catch(() => undefined);
  }
  const kept = new Proxy(response, {
    get(target, name) {
      if (name === 'writeHead' || name === 'end') return () => kept;
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  await service.handle(request, kept);
}

/** Names the action of a request as the service's API does. */
function actionOf(serviceName: ServiceName, request: ServiceRequest): string {
  if (serviceName === 'rds-data') return 'ExecuteStatement';
  if (serviceName === 'cloudformation') return 'DescribeStacks';
  if (serviceName === 'ses') return 'SendEmail';
  if (serviceName === 's3') return nameS3Action(request) ?? 'Unknown';
  return String(request.incoming.headers['x-amz-target']).split('.').at(-1)!;
}

const MAX_REQUEST_BYTES = 8 * 1024 ** 2;

/** Carries out a batch call of SQS in which every second entry fails, starting with the first. */
async function refuseEverySecond({ service, request, response }: PendingCall): Promise<void> {
  const text = await readBody(request.body, MAX_REQUEST_BYTES);
  const body = JSON.parse(text) as { Entries: { Id: string }[] };
  const Entries = body.Entries.filter((_, index) => index % 2 === 1);
  const Failed = body.Entries.filter((_, index) => index % 2 === 0).map(({ Id }) => {
    return { Id, Code: 'InternalError', Message: 'an injected fault', SenderFault: false };
  });
  if (Entries.length === 0) {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ Successful: [], Failed }));
    return;
  }
  const { end } = response;
  response.end = ((answer: string) => {
    return end.call(response, JSON.stringify({ ...JSON.parse(answer), Failed }), 'utf8');
  }) as typeof response.end;
  const reduced = Readable.from([Buffer.from(JSON.stringify({ ...body, Entries }))]);
  await service.handle({ ...request, body: reduced }, response);
}

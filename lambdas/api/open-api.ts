import * as z from 'zod/mini';
import { API_ROUTES, type RouteName } from '../shared/api-routes.ts';
import { ANSWERS, Problem, Transaction } from './answers.ts';
import { QUERY_PARAMETERS } from './parameters.ts';
import { PROBLEMS } from './problem.ts';
import { MAX_ITEMS } from './read-body.ts';
import { RedriveRequest, UploadRequest } from './schemas.ts';

interface Description {
  readonly summary: string;
  readonly statuses: readonly number[];
  readonly headers?: readonly object[];
  /** Content of the body by type. */
  readonly body?: Readonly<Record<string, object>>;
}

const toSchema = (schema: z.ZodMiniType) => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    unrepresentable: 'throw',
  });
  return rest;
};
const item = { $ref: '#/components/schemas/Transaction' };

const DESCRIPTIONS: Readonly<Record<RouteName, Description>> = {
  sendTransactions: {
    summary:
      'Accepts transactions. Once it answers 202, each item will be in the table or among the rejected rows.',
    statuses: [400, 413, 415, 422, 503],
    headers: [
      {
        name: 'Idempotency-Key',
        in: 'header',
        description: 'Identifies the call for seven days. Without it, the body does.',
        schema: { type: 'string', pattern: '^[\\x20-\\x7e]{1,255}$' },
      },
    ],
    body: {
      'application/json': { oneOf: [item, { type: 'array', items: item, minItems: 1, maxItems: MAX_ITEMS }] },
      'application/x-ndjson': { type: 'string', description: 'One object on each line.' },
    },
  },
  createUpload: {
    summary: 'Makes a form by which a client uploads one file to the bucket, within 15 minutes.',
    statuses: [400, 413, 415],
    body: { 'application/json': toSchema(UploadRequest) },
  },
  createTicket: {
    summary: 'Makes a ticket that opens one connection of the WebSocket API, within 60 seconds.',
    statuses: [503],
  },
  getReceipt: { summary: 'Returns the result of a call.', statuses: [404, 503] },
  getRules: { summary: 'Returns what the parser judges the files of a store by.', statuses: [404] },
  getSession: { summary: 'Says who the caller is, and which stores there are.', statuses: [] },
  listUploads: { summary: 'Lists uploads, the newest first, 100 on a page.', statuses: [503] },
  getUpload: { summary: 'Returns the result of an upload.', statuses: [404, 503] },
  listRejects: { summary: 'Lists the rejected rows of an upload by line.', statuses: [404, 503] },
  countRejects: {
    summary:
      'Counts the rejected rows of an upload by code and column, the most frequent first, at most 200.',
    statuses: [404, 503],
  },
  listConflicts: {
    summary: 'Lists the conflicting rows of an upload by line, with both versions, 50 on a page.',
    statuses: [404, 503],
  },
  findProducts: { summary: 'Lists the names of products by the alphabet, at most 50.', statuses: [503] },
  getBalance: {
    summary: 'Returns the balance of a product for each day with transactions, the last 3,660 of them.',
    statuses: [503],
  },
  getTopProducts: { summary: 'Returns the products with the highest amounts sold.', statuses: [503] },
  getSold: {
    summary: 'Returns what was sold and bought by day and store, 3,000 on a page.',
    statuses: [503],
  },
  getRejectNumbers: {
    summary: 'Counts the rejected rows by code, the most frequent first.',
    statuses: [503],
  },
  listTransactions: {
    summary: 'Lists transactions by day and id, with the line of the file that brought each, 100 on a page.',
    statuses: [503],
  },
  listDays: {
    summary: 'Says what arrived from each store on each day, by store and day, for whole stores on a page.',
    statuses: [503],
  },
  listChecks: {
    summary:
      'Returns what the last runs of the sweeper and the verifier found, and when the next are due. For operators.',
    statuses: [503],
  },
  listDeadLetters: {
    summary:
      'Lists messages that no function could handle, at most ten of each queue, with their reasons. For operators.',
    statuses: [503],
  },
  redriveDeadLetters: {
    summary: 'Sends dead letters back to their queue, once the cause is fixed. For operators.',
    statuses: [400, 404, 415, 503],
    body: { 'application/json': toSchema(RedriveRequest) },
  },
  listAlarms: {
    summary: 'Lists the alarms of the stage with their states, the raised ones first. For operators.',
    statuses: [503],
  },
  getStatus: { summary: 'Counts the messages that wait in each queue.', statuses: [503] },
  getDocument: { summary: 'Returns this description.', statuses: [] },
};

/** Describes the HTTP API (OpenAPI 3.1), from the routes and schemas that the function and its tests use. */
export function buildOpenApi(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, route] of Object.entries(API_ROUTES)) {
    const [method = '', path = ''] = route.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: describeRoute(name as RouteName, path) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Retail transactions',
      version: '1',
      description:
        'Receives transactions and files of stores, and returns their results. Requests are signed with Signature ' +
        'Version 4 for the service execute-api, or have a JSON Web Token if the operator has set an issuer.',
    },
    paths,
    components: {
      schemas: { Transaction: toSchema(Transaction), Problem: toSchema(Problem) },
      securitySchemes: {
        signature: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'AWS4-HMAC-SHA256 …' },
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      },
    },
    security: [{ signature: [] }, { token: [] }],
  };
}

function describeRoute(name: RouteName, path: string): object {
  const { summary, statuses, headers = [], body } = DESCRIPTIONS[name];
  const { status, schema } = ANSWERS[name];
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => {
    return { name: parameter, in: 'path', required: true, schema: { type: 'string' } };
  });
  const inQuery = Object.entries(QUERY_PARAMETERS[name] ?? {}).map(([parameter, description]) => {
    return { name: parameter, in: 'query', description, schema: { type: 'string' } };
  });
  const problems = new Set([403, ...statuses, ...(inQuery.length > 0 ? [400] : [])]);
  return {
    operationId: name,
    summary,
    parameters: [...inPath, ...inQuery, ...headers],
    ...(body && { requestBody: { required: true, content: mapContent(body) } }),
    responses: {
      [status]: { description: 'Done.', content: mapContent({ 'application/json': toSchema(schema) }) },
      ...Object.fromEntries([...problems].sort().map((code) => [code, describeProblem(code)])),
    },
  };
}

function mapContent(schemas: Readonly<Record<string, object>>): object {
  return Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, { schema }]));
}

function describeProblem(status: number): object {
  const titles = Object.values(PROBLEMS).filter((problem) => problem.status === status);
  return {
    description: titles.map(({ title }) => title).join(' '),
    ...(status === 503 && {
      headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } },
    }),
    content: mapContent({ 'application/problem+json': { $ref: '#/components/schemas/Problem' } }),
  };
}

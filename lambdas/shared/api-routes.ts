/**
 * Routes of the HTTP API: the key is method and path, as API Gateway names a route. The stack creates them, and the
 * function `api` has a handler for each.
 */
export const API_ROUTES = {
  sendTransactions: 'POST /stores/{store}/transactions',
  createUpload: 'POST /stores/{store}/uploads',
  createTicket: 'POST /stores/{store}/tickets',
  getReceipt: 'GET /stores/{store}/receipts/{receipt}',
  getRules: 'GET /stores/{store}/rules',
  getSession: 'GET /session',
  listUploads: 'GET /uploads',
  getUpload: 'GET /uploads/{id}',
  listRejects: 'GET /uploads/{id}/rejects',
  countRejects: 'GET /uploads/{id}/reject-codes',
  listConflicts: 'GET /uploads/{id}/conflicts',
  findProducts: 'GET /products',
  getBalance: 'GET /numbers/balance',
  getTopProducts: 'GET /numbers/top-products',
  getSold: 'GET /numbers/sold',
  getRejectNumbers: 'GET /numbers/rejects',
  listTransactions: 'GET /transactions',
  listDays: 'GET /days',
  listChecks: 'GET /checks',
  listDeadLetters: 'GET /dead-letters',
  redriveDeadLetters: 'POST /dead-letters/{queue}/redrive',
  listAlarms: 'GET /alarms',
  getStatus: 'GET /status',
  getDocument: 'GET /openapi.json',
} as const;

/** Routes of the console's files, which everybody may read. The name of a file has no folder. */
export const CONSOLE_ROUTES = ['GET /console', 'GET /console/{file+}'] as const;
/** Folder of the console's files beside the code of the function, and the first part of their path. */
export const CONSOLE_FOLDER = 'console';

export type RouteName = keyof typeof API_ROUTES;

/** Routes of a store's own systems, which the policy of the store allows. */
export const STORE_ROUTES = [
  'sendTransactions',
  'createUpload',
  'createTicket',
  'getReceipt',
  'getRules',
] as const satisfies readonly RouteName[];

/** Routes that the policy for operators allows: those about all stores, and those by which operators send. */
export const OPERATOR_ROUTES = [
  'sendTransactions',
  'createUpload',
  'createTicket',
  'getRules',
  'getSession',
  'listUploads',
  'getUpload',
  'listRejects',
  'countRejects',
  'listConflicts',
  'findProducts',
  'getBalance',
  'getTopProducts',
  'getSold',
  'getRejectNumbers',
  'listTransactions',
  'listDays',
  'listChecks',
  'listDeadLetters',
  'redriveDeadLetters',
  'listAlarms',
  'getStatus',
  'getDocument',
] as const satisfies readonly RouteName[];

/** Name of the WebSocket API's stage, which is the path of its address. */
export const WEB_SOCKET_STAGE = 'live';
/** Parameter of the address that has the ticket of a connection. */
export const TICKET_PARAMETER = 'ticket';

/** Prefix of objects that the API keeps for a few days: used tickets and idempotency keys. */
export const CALLS_PREFIX = 'calls/';

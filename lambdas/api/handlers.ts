import openApi from '../../docs/openapi.json' with { type: 'json' };
import type { RouteName } from '../shared/api-routes.ts';
import type { ApiSettings } from '../shared/api-settings.ts';
import { listAlarms } from './alarms.ts';
import type { HttpEvent } from './callers.ts';
import { listChecks } from './checks.ts';
import { listConflicts } from './conflicts.ts';
import { listDays } from './days.ts';
import { listDeadLetters, redriveDeadLetters } from './dead-letters.ts';
import type { Ledger } from './ledger.ts';
import { getBalance, getRejectNumbers, getSold, getTopProducts } from './numbers.ts';
import { answerJson } from './problem.ts';
import { countMessages } from './queues.ts';
import { countRejects, listRejects } from './rejects.ts';
import type { Handler } from './resources.ts';
import { SEND_HANDLERS } from './send.ts';
import { getRules, getSession } from './session.ts';
import { findProducts, listTransactions } from './transactions.ts';
import { getUpload, listUploads } from './uploads.ts';

/** Makes the handler of a route that reads the ledger. */
const reading =
  (read: (event: HttpEvent, ledger: Ledger, settings: ApiSettings) => Promise<object>): Handler =>
  async (event, { ledger, settings }) =>
    answerJson(200, await read(event, ledger, settings));

/** The handler of each route. */
export const HANDLERS: Readonly<Record<RouteName, Handler>> = {
  ...SEND_HANDLERS,
  getSession: async (event, { settings, rules }) => answerJson(200, getSession(event, settings, rules)),
  getRules: async (event, { settings, rules }) => answerJson(200, getRules(event, settings, rules)),
  listUploads: reading(listUploads),
  getUpload: reading(getUpload),
  listRejects: reading(listRejects),
  countRejects: reading(countRejects),
  listConflicts: reading(listConflicts),
  findProducts: reading(findProducts),
  getBalance: reading(getBalance),
  getTopProducts: reading(getTopProducts),
  getSold: reading(getSold),
  getRejectNumbers: reading(getRejectNumbers),
  listTransactions: reading(listTransactions),
  listDays: reading(listDays),

  listChecks: async (_event, resources) => answerJson(200, await listChecks(resources)),
  listDeadLetters,
  redriveDeadLetters,
  listAlarms,

  getStatus: async (_event, { sqs, queues: { calls, uploads, rows } }) => {
    const [inCalls, inUploads, inRows] = await Promise.all(
      [calls, uploads, rows].map((pair) => countMessages(sqs, pair)),
    );
    return answerJson(200, { calls: inCalls, uploads: inUploads, rows: inRows });
  },

  getDocument: async () => answerJson(200, openApi),
};

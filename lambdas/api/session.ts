import type { RulesAnswer, SessionAnswer } from '../core/api-answers.ts';
import type { RulesDocument } from '../core/rules.ts';
import type { ApiSettings } from '../shared/api-settings.ts';
import { findRules } from './accept-call.ts';
import { type HttpEvent, identifyCaller, storeOfPath } from './callers.ts';

/** `GET /session`: who the caller is. */
export function getSession({ requestContext }: HttpEvent, { stage, stores }: ApiSettings): SessionAnswer {
  const { role, reads = stores, sends = stores } = identifyCaller(requestContext);
  return { stage, role, stores: reads, sends };
}

/** `GET /stores/{store}/rules`: what the parser will judge a file by. */
export function getRules(
  event: HttpEvent,
  { limits, parserRevision }: ApiSettings,
  document: RulesDocument,
): RulesAnswer {
  return { rules: findRules(storeOfPath(event), document), limits, parserRevision };
}

import type { RulesAnswer, SessionAnswer } from '../core/api-answers.ts';
import { type RulesDocument, rulesFor } from '../core/rules.ts';
import type { ApiSettings } from '../shared/api-settings.ts';
import { findRules } from './accept-call.ts';
import { type HttpEvent, identifyCaller, storeOfPath } from './callers.ts';

/** `GET /session`: who the caller is. */
export function getSession(
  { requestContext }: HttpEvent,
  { stage, stores }: ApiSettings,
  document: RulesDocument,
): SessionAnswer {
  const { role, reads = stores, sends } = identifyCaller(requestContext);
  const isAccepted = (store: string) => rulesFor(document, store).isKnownStore;
  const sendsOthers = sends === undefined && document.knownStores === undefined;
  return { stage, role, stores: reads, sends: (sends ?? stores).filter(isAccepted), sendsOthers };
}

/** `GET /stores/{store}/rules`: what the parser will judge a file by. */
export function getRules(
  event: HttpEvent,
  { limits, parserRevision }: ApiSettings,
  document: RulesDocument,
): RulesAnswer {
  return { rules: findRules(storeOfPath(event), document), limits, parserRevision };
}

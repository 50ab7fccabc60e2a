import type { Logger } from '@aws-lambda-powertools/logger';
import type { AcceptedCall } from '../core/api-answers.ts';
import { acceptCall, type CallResources } from './accept-call.ts';
import { sliceMember } from './json-slices.ts';
import { ProblemError, toProblem } from './problem.ts';
import { checkCount, parseJson, sliceItems } from './read-body.ts';
import { describeIssues, Frame } from './schemas.ts';

/** Refused items in an answer. A message of API Gateway has at most 128 KB (developer guide, "Quotas"). */
const MAX_REFUSED = 100;

type MessageAnswer =
  | ({ readonly id: string } & AcceptedCall)
  | { readonly id?: string; readonly action: 'pong' }
  | { readonly id?: string; readonly error: { readonly code: string; readonly message: string } };

/**
 * Answers a message of a WebSocket client.
 * @param store the store of the connection's ticket
 */
export async function answerMessage(
  store: string,
  text: string,
  resources: CallResources,
  logger: Logger,
): Promise<MessageAnswer> {
  let id: string | undefined;
  try {
    const message = parseJson(text);
    id = readId(message);
    const { success, data, error } = Frame.safeParse(message);
    if (!success)
      throw new ProblemError('body-invalid', `${describeIssues(error.issues)}. Correct the message.`);
    if (data.action === 'ping') return { ...(id !== undefined && { id }), action: 'pong' };
    const content = sliceMember(text, 'items');
    if (content === undefined) throw new ProblemError('body-invalid', 'Send the member "items" once.');
    const lines = checkCount(sliceItems(content));
    const { refused, ...accepted } = await acceptCall({ storeId: store, lines, content }, resources);
    return { id: data.id, ...accepted, refused: refused.slice(0, MAX_REFUSED) };
  } catch (error) {
    const { code, message, cause } = toProblem(error);
    if (cause !== undefined) logger.warn('message not accepted', { store, id, code, error: cause as Error });
    return { ...(id !== undefined && { id }), error: { code, message } };
  }
}

/** Reads the id of a message even if the rest of the message is wrong, so that the client knows which one it is. */
function readId(message: unknown): string | undefined {
  const { id } = Object(message) as { id?: unknown };
  return typeof id === 'string' && id !== '' && id.length <= 100 ? id : undefined;
}

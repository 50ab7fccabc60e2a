import type { Caller, RefusedItem } from './caller.ts';
import type { Line } from './group-lines.ts';

/** Calls that wait for their answer at the same time. */
const IN_FLIGHT = 4;
/** Refused items that are kept, so that memory stays the same for input of any length. */
const MAX_REFUSED = 1_000;

interface RefusedLine extends Omit<RefusedItem, 'index'> {
  readonly line: number;
}

/** Numbers of what the API answered so far. */
export interface SendCounts {
  readonly calls: number;
  readonly items: number;
  readonly accepted: number;
  readonly refused: number;
}

export interface SendResult extends SendCounts {
  /** The first refused lines of each call, sorted. */
  readonly refusedLines: readonly RefusedLine[];
  /** Different receipts, in the order of the first lines. */
  readonly receipts: readonly string[];
  /** The error that stopped the sending. */
  readonly failure?: unknown;
}

/**
 * Sends groups of lines, a few at the same time. After an error it sends no further call, and waits for the others.
 * @param stop called after an error, to end a read that waits for input
 */
export async function sendCalls(
  groups: AsyncIterator<readonly Line[]>,
  caller: Caller,
  onProgress: (counts: SendCounts) => void,
  stop: () => void,
): Promise<SendResult> {
  const answers = new Map<number, string>();
  const refusedLines: RefusedLine[] = [];
  let items = 0;
  let accepted = 0;
  let failure: unknown;
  const count = () => ({ calls: answers.size, items, accepted, refused: items - accepted });
  const work = async () => {
    while (failure === undefined) {
      try {
        const { done, value: lines } = await groups.next();
        if (done) return;
        const answer = await caller.send(lines);
        answers.set(lines[0]!.number, answer.receipt);
        items += lines.length;
        accepted += answer.accepted;
        const refused = answer.refused.slice(0, MAX_REFUSED - refusedLines.length);
        for (const { index, ...item } of refused) refusedLines.push({ line: lines[index]!.number, ...item });
        onProgress(count());
      } catch (error) {
        failure ??= error;
        stop();
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  return {
    ...count(),
    refusedLines: refusedLines.sort((a, b) => a.line - b.line),
    receipts: [...new Set([...answers].sort(([a], [b]) => a - b).map(([, receipt]) => receipt))],
    failure,
  };
}

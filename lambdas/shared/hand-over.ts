/**
 * The part of the parser's time that is kept for handing over to another invocation: what was read must reach the row
 * queue.
 */
export const HAND_OVER_SHARE = 0.2;

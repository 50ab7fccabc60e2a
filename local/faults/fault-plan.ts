import type { ObjectVersion } from '../s3/object-files.ts';

/** A call that has reached the gateway, from a function or from a user who has a managed policy. */
export interface FunctionCall {
  /** Name of the function in the template, or `user/` and the name of the user's policy. */
  readonly functionName: string;
  /** Action of the service's API, such as `SendMessageBatch`, `ExecuteStatement` or `GetObject`. */
  readonly action: string;
  /** Number of this action's calls by this function so far, from 1. */
  readonly number: number;
  /** Length of the request's body. */
  readonly requestBytes: number;
}

/** Messages that are about to be delivered to a function. */
export interface Delivery {
  readonly functionName: string;
  readonly messageIds: readonly string[];
  /** Number of deliveries to this function so far, from 1. */
  readonly number: number;
}

/** `after`: the call took effect and its caller gets no answer, the ambiguous case. */
type When = 'before' | 'after';

export type CallFault =
  /** The service answers with an error. */
  | { readonly kind: 'error'; readonly when: When; readonly code: string; readonly status: number }
  /** The connection breaks; some bytes of an object may have arrived. */
  | { readonly kind: 'reset'; readonly when: When }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Every second entry of a batch call is refused, starting with the first. */
  | { readonly kind: 'partial' }
  /** The function dies. */
  | { readonly kind: 'crash'; readonly when: When };

export type DeliveryFault =
  /** The function is done, but Lambda does not delete the messages: they are delivered again. */
  | { readonly kind: 'undeleted' }
  /** The visibility timeout ends while the function works: another copy gets the messages too. */
  | { readonly kind: 'visible' }
  /** The function has less time than its timeout in the template. */
  | { readonly kind: 'time-limit'; readonly seconds: number };

export type EventFault = 'lost' | 'twice';

/** Decides at every call, delivery and event which fault to inject; undefined injects none. */
export interface FaultPlan {
  onCall?(call: FunctionCall): CallFault | undefined;
  onDelivery?(delivery: Delivery): DeliveryFault | undefined;
  onEvent?(version: ObjectVersion): EventFault | undefined;
}

import type { ObjectVersion } from '../s3/object-versions.ts';

/** A call of a function, or of a user who has a managed policy, that has reached the gateway. */
export interface FunctionCall {
  /** As in the template, such as `retail-pipeline-parseparser…`; of a user, `user/` and the policy's name. */
  readonly functionName: string;
  /** As the service's API names it: `SendMessageBatch`, `ExecuteStatement`, `GetObject` … */
  readonly action: string;
  /** Which call of this action by this function it is, from 1. */
  readonly number: number;
  /** Of its body. */
  readonly requestBytes: number;
}

/** Messages that are about to be given to a function. */
export interface Delivery {
  readonly functionName: string;
  readonly messageIds: readonly string[];
  /** Which delivery to this function it is, from 1. */
  readonly number: number;
}

/** `after` a call took effect, its caller does not hear of it: the ambiguous case. */
type When = 'before' | 'after';

export type CallFault =
  /** The service answers with an error. */
  | { readonly kind: 'error'; readonly when: When; readonly code: string; readonly status: number }
  /** The connection breaks; of an object's bytes some may have come. */
  | { readonly kind: 'reset'; readonly when: When }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Every second entry of a batch call is refused, the first of them included. */
  | { readonly kind: 'partial' }
  /** The function dies. */
  | { readonly kind: 'crash'; readonly when: When };

export type DeliveryFault =
  /** The function is done, and Lambda does not get to delete the messages: they come again. */
  | { readonly kind: 'undeleted' }
  /** The visibility timeout is over while the function works: the messages are given to another copy of it. */
  | { readonly kind: 'visible' }
  /** The function has less time than the template says. */
  | { readonly kind: 'time-limit'; readonly seconds: number };

export type EventFault = 'lost' | 'twice';

/** Decides what goes wrong. It is asked at every call, delivery and event; nothing goes wrong where it says nothing. */
export interface FaultPlan {
  onCall?(call: FunctionCall): CallFault | undefined;
  onDelivery?(delivery: Delivery): DeliveryFault | undefined;
  onEvent?(version: ObjectVersion): EventFault | undefined;
}

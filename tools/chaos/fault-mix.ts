import type { CallFault, DeliveryFault, EventFault, FaultPlan } from '../../local/faults/fault-plan.ts';
import { Choices, hashText } from './choices.ts';

/** Transient errors of each service. */
const DATABASE_ERRORS = [
  ['DatabaseUnavailableException', 504],
  ['InternalServerErrorException', 500],
  ['StatementTimeoutException', 400],
  ['DatabaseResumingException', 400],
  ['ThrottlingException', 400],
  ['ServiceUnavailableError', 503],
] as const;
const OTHER_ERRORS = [
  ['ServiceUnavailable', 503],
  ['InternalFailure', 500],
  ['ThrottlingException', 400],
  ['SlowDown', 503],
] as const;

type Kind = CallFault['kind'];
const KINDS: readonly Kind[] = ['error', 'reset', 'delay', 'partial', 'crash'];
const DELIVERY_KINDS: readonly DeliveryFault['kind'][] = ['undeleted', 'visible', 'time-limit'];
const EVENT_FAULTS: readonly EventFault[] = ['lost', 'twice'];

/**
 * Chooses the faults of one seed: some kinds of faults at some of the calls, deliveries and events, until the budget
 * is used up. The fault of a call depends only on the seed and the call, not on earlier calls.
 */
export function mixFaults(seed: number): FaultPlan {
  const choices = new Choices(seed);
  const kinds = choices.someOf(KINDS);
  const deliveryKinds = choices.someOf(DELIVERY_KINDS);
  const percent = choices.oneOf([5, 15, 40]);
  // The SDK tries a call three times: only a longer series of failures reaches the function.
  const seriesLength = choices.oneOf([1, 2, 4, 8]);
  let budget = choices.oneOf([10, 30, 60]);
  // Number of calls for which the database is down.
  const callsWhileDown = choices.oneOf([0, 0, 0, 5, 40]);
  // The cloud counts its calls from its start, which may be in the run of an earlier seed.
  const firsts = new Map<string, number>();
  const numberSince = (place: string, number: number) => {
    const first = firsts.get(place) ?? number;
    firsts.set(place, first);
    return number - first;
  };
  const choicesAt = (place: string) => new Choices((seed + hashText(place)) | 0);
  const spend = <Fault>(fault: Fault): Fault | undefined => (budget-- > 0 ? fault : undefined);
  return {
    onCall({ functionName, action, number: sinceStart }) {
      const number = numberSince(`${functionName} ${action}`, sinceStart);
      if (action === 'ExecuteStatement' && functionName.includes('load') && number < callsWhileDown) {
        return { kind: 'error', when: 'before', code: 'DatabaseUnavailableException', status: 400 };
      }
      const here = choicesAt(`${functionName} ${action} ${Math.floor(number / seriesLength)}`);
      if (budget <= 0 || functionName.includes('migrate') || !here.chance(percent)) return undefined;
      return spend(callFault(here.oneOf(kinds), action, here));
    },
    onDelivery({ functionName, number }) {
      const here = choicesAt(`${functionName} delivery ${numberSince(functionName, number)}`);
      if (budget <= 0 || !here.chance(percent)) return undefined;
      const kind = here.oneOf(deliveryKinds);
      return spend(kind === 'time-limit' ? { kind, seconds: here.oneOf([0.05, 0.3, 1]) } : { kind });
    },
    onEvent({ key, sequence }) {
      const here = choicesAt(`${key} ${numberSince(key, sequence)}`);
      return here.chance(percent) ? spend(here.oneOf(EVENT_FAULTS)) : undefined;
    },
  };
}

function callFault(kind: Kind, action: string, choices: Choices): CallFault | undefined {
  const when = choices.oneOf(['before', 'after'] as const);
  switch (kind) {
    case 'error': {
      const errors = action === 'ExecuteStatement' ? DATABASE_ERRORS : OTHER_ERRORS;
      const [code, status] = choices.oneOf<readonly [string, number]>(errors);
      return { kind, when, code, status };
    }
    case 'delay':
      return { kind, milliseconds: choices.oneOf([10, 100, 400]) };
    case 'partial':
      return action === 'SendMessageBatch' ? { kind } : undefined;
    default:
      return { kind, when };
  }
}

import type { RDSDataClient } from '@aws-sdk/client-rds-data';

/**
 * Makes a client write its requests with `JSON.stringify`. The SDK 3.1169 writes them character by character, which
 * takes most of a function's time for a message of 1 MiB. Requests may contain only texts, numbers and booleans, under
 * names that are the same in JSON and in the SDK.
 */
export function writeNativeJson(client: RDSDataClient): RDSDataClient {
  client.middlewareStack.add(
    (next, context) => (step) => {
      context.nativeBody = JSON.stringify(step.input);
      // The SDK needs the other members for the endpoint.
      const short = Object.entries(step.input).filter(([, value]) => !Array.isArray(value));
      return next({ ...step, input: Object.fromEntries(short) as typeof step.input });
    },
    { step: 'serialize', priority: 'high' },
  );
  // This runs before the SDK sets the content length and signs the request.
  client.middlewareStack.add(
    (next, context) => (step) => {
      (step.request as { body: unknown }).body = context.nativeBody;
      return next(step);
    },
    { step: 'build', priority: 'high' },
  );
  return client;
}

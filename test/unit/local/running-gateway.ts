import { afterAll } from 'vitest';
import { Gateway, type Intercept, type ServiceName } from '../../../local/gateway/gateway.ts';
import type { Service } from '../../../local/gateway/service.ts';
import { AccessControl } from '../../../local/iam/access-control.ts';
import { AccessKeys } from '../../../local/iam/access-keys.ts';
import type { Statement } from '../../../local/iam/policy.ts';

export interface RunningGateway {
  readonly endpoint: string;
  readonly gateway: Gateway;
  readonly access: AccessControl;
  readonly keys: AccessKeys;
  /** Errors of the local cloud itself. */
  readonly faults: Error[];
}

/**
 * The real gateway for the tests of one file, closed after them. To be called outside of tests.
 * @param intercept stands between it and the services
 */
export async function startGateway(
  servicesOf: (access: AccessControl) => Partial<Record<ServiceName, Service>>,
  intercept?: Intercept,
): Promise<RunningGateway> {
  const faults: Error[] = [];
  const access = new AccessControl(() => undefined);
  const keys = new AccessKeys('secret of the test');
  const gateway = new Gateway(access, keys, (error) => faults.push(error));
  gateway.serve(servicesOf(access));
  if (intercept !== undefined) gateway.intercept(intercept);
  const endpoint = await gateway.listen(0);
  afterAll(() => gateway.close());
  return { gateway, endpoint, access, keys, faults };
}

/** How the AWS SDK reaches a gateway as one caller. */
export function configOf({ endpoint, keys }: RunningGateway, accessKeyId = 'operator') {
  return {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey: keys.secretOf(accessKeyId) },
    maxAttempts: 1,
  };
}

/** Makes a function known, with what it may do. */
export function addFunction(access: AccessControl, name: string, statements: readonly Statement[]): void {
  const arn = `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
  access.addCaller(name, { arn, kind: 'function', statements });
}

export function allow(Action: string | string[], Resource: string | string[]): Statement {
  return { Effect: 'Allow', Action, Resource };
}

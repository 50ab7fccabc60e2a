import { readEnvironment } from '../shared/environment.ts';
import { AUTHORIZER_VARIABLES } from './environment.ts';

readEnvironment(AUTHORIZER_VARIABLES, process.env);

/** Denies every connection. */
export async function handler({ methodArn }: { readonly methodArn: string }) {
  const Statement = [{ Action: 'execute-api:Invoke', Effect: 'Deny', Resource: methodArn }];
  return { principalId: 'till', policyDocument: { Version: '2012-10-17', Statement } };
}

import { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { CALLS_PREFIX, TICKET_PARAMETER } from '../shared/api-routes.ts';
import { ApiSecret } from '../shared/api-secret.ts';
import { createObject } from '../shared/create-object.ts';
import { readEnvironment } from '../shared/environment.ts';
import { readTicket } from '../shared/ticket.ts';
import { AUTHORIZER_VARIABLES } from './environment.ts';

const { bucketName, apiSecretArn } = readEnvironment(AUTHORIZER_VARIABLES, process.env);
const logger = new Logger();
const secret = new ApiSecret(new SecretsManagerClient(), apiSecretArn);
const s3 = new S3Client();

type AuthorizerEvent = Pick<APIGatewayRequestAuthorizerEvent, 'methodArn' | 'queryStringParameters'>;

/**
 * Allows a connection with a valid ticket that was not used before. Its answer is a policy, and the context that each
 * message of the connection has (API Gateway developer guide, "Control access to WebSocket APIs with AWS Lambda REQUEST
 * authorizers").
 */
export async function handler({ methodArn, queryStringParameters }: AuthorizerEvent) {
  const ticket = readTicket(await secret.read(), queryStringParameters?.[TICKET_PARAMETER] ?? '');
  if (ticket === undefined) return answer('Deny', 'an invalid or expired ticket', methodArn);
  const Key = `${CALLS_PREFIX}tickets/${ticket.nonce}`;
  const isFirstUse = await createObject(s3, { Bucket: bucketName, Key, Body: '' });
  if (!isFirstUse) return answer('Deny', 'a ticket that was used before', methodArn, ticket.store);
  return answer('Allow', 'a valid ticket', methodArn, ticket.store);
}

function answer(Effect: 'Allow' | 'Deny', reason: string, methodArn: string, store = '') {
  logger.info('connection request', { effect: Effect, reason, store });
  return {
    principalId: `store=${store}`,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect, Resource: methodArn }],
    },
    context: { store },
  };
}

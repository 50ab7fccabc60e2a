import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { createTicket } from '../../../../lambdas/shared/ticket.ts';

vi.stubEnv('UPLOAD_BUCKET_NAME', 'bucket');
vi.stubEnv('API_SECRET_ARN', 'secret');
vi.stubEnv('AWS_REGION', 'us-east-1');
vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
const { handler } = await import('../../../../lambdas/authorize/index.ts');

const METHOD = 'arn:aws:execute-api:us-east-1:123456789012:abc/live/$connect';
const s3 = mockClient(S3Client);
const secrets = mockClient(SecretsManagerClient);
afterAll(() => {
  vi.unstubAllEnvs();
  s3.restore();
  secrets.restore();
});
beforeEach(() => {
  s3.reset();
  s3.on(PutObjectCommand).resolves({});
  secrets.on(GetSecretValueCommand).resolves({ SecretString: '{"password":"secret"}' });
});

const connect = (ticket?: string) =>
  handler({ methodArn: METHOD, queryStringParameters: ticket === undefined ? null : { ticket } });
const effectOf = ({ policyDocument }: Awaited<ReturnType<typeof connect>>) =>
  policyDocument.Statement.map(({ Effect, Resource }) => [Effect, Resource]);

test('a ticket opens a connection for its store, once', async () => {
  const { text } = createTicket('secret', 'oslo');
  const first = await connect(text);
  expect([effectOf(first), first.context]).toEqual([[['Allow', METHOD]], { store: 'oslo' }]);
  const [put] = s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input);
  expect(put).toMatchObject({
    IfNoneMatch: '*',
    Key: expect.stringMatching(/^calls\/tickets\/[0-9a-f]{32}$/),
  });
  s3.on(PutObjectCommand).rejects(Object.assign(new Error(), { $metadata: { httpStatusCode: 412 } }));
  expect(effectOf(await connect(text))).toEqual([['Deny', METHOD]]);
});

test.each([undefined, '', 'invented', createTicket('other', 'oslo').text])(
  'the ticket %j is denied, and no object is written',
  async (ticket) => {
    expect(effectOf(await connect(ticket))).toEqual([['Deny', METHOD]]);
    expect(s3.calls()).toHaveLength(0);
  },
);

test('no connection is opened if the use of a ticket cannot be recorded', async () => {
  s3.on(PutObjectCommand).rejects(
    Object.assign(new Error('SlowDown'), { $metadata: { httpStatusCode: 503 } }),
  );
  await expect(connect(createTicket('secret', 'oslo').text)).rejects.toThrow('SlowDown');
});

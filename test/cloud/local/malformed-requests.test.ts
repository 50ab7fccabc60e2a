import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STACK_OUTPUTS } from '../../../lambdas/shared/stacks.ts';
import { TestCloud } from '../../support/test-cloud.ts';
import type { RawRequest } from '../../unit/local/sign-request.ts';
import { oneOf, Sender, spoil, WRONG } from './spoiled-requests.ts';

const SEED = 12;
const REQUESTS_PER_SERVICE = 1_000;

let cloud: TestCloud;
let sender: Sender;
beforeAll(async () => {
  cloud = await TestCloud.start();
  sender = new Sender(cloud);
});
afterAll(async () => {
  sender?.close();
  await cloud?.stop();
});

const output = (name: string) => cloud.cloud.running.outputs[name]!;
const PARTS = '<Part>'.repeat(10_000);

function jsonCalls(service: string, target: string, calls: Record<string, object>): fc.Arbitrary<RawRequest> {
  const spoiled = Object.entries(calls).map(([name, valid]) =>
    spoil(valid).map((body) => ({ headers: { 'x-amz-target': target + name }, body })),
  );
  const unknown = fc.constantFrom('constructor', 'toString', 'Nothing', '').map((name) => {
    return { headers: { 'x-amz-target': target + name }, body: '{}' };
  });
  return fc.oneof(...spoiled, unknown).map((parts) => ({ method: 'POST', path: '/', service, ...parts }));
}

function dataApiCalls(): fc.Arbitrary<RawRequest> {
  const body = {
    resourceArn: output(STACK_OUTPUTS.data.clusterArn),
    secretArn: output(STACK_OUTPUTS.data.operatorSecretArn),
    database: 'retail',
    sql: 'SELECT :a',
    parameters: [{ name: 'a', value: { stringValue: 'x' } }],
    includeResultMetadata: true,
  };
  const token = oneOf(`' " -- /* */ $$ $a$ :a :: ; ( ) E'\\' ARRAY[ ] SELECT 1 x NULL , text $1 \0`);
  const sql = fc
    .array(token, { maxLength: 15 })
    .map((tokens) => JSON.stringify({ ...body, sql: `SELECT ${tokens.join(' ')}` }));
  const value = fc.oneof(
    fc.record({
      name: fc.constantFrom('a', '__proto__'),
      value: fc.dictionary(fc.string(), WRONG, { maxKeys: 2 }),
    }),
    oneOf('stringValue longValue doubleValue booleanValue isNull arrayValue').chain((member) =>
      WRONG.map((wrong) => ({ name: 'a', value: { [member]: wrong } })),
    ),
  );
  const parameters = value.map((parameter) => JSON.stringify({ ...body, parameters: [parameter] }));
  const path = oneOf('/Execute /Execute /Execute /BatchExecute /constructor');
  return fc.tuple(path, fc.oneof(spoil(body), sql, parameters)).map(([target, content]) => {
    return { method: 'POST', path: target, service: 'rds-data', body: content };
  });
}

function s3Calls(): fc.Arbitrary<RawRequest> {
  const { bucket } = cloud.client;
  const paths = `/ // /B /B/ /B/fuzz/a /B/fuzz/../b /nothing/a /B/%zz /B/fuzz%00 /B/%ff /%2e%2e/a /B/${'a'.repeat(2_000)}`;
  const path = oneOf(paths.replaceAll('/B', `/${bucket}`));
  const name = oneOf(
    'list-type versions uploads uploadId partNumber max-keys prefix delete marker versionId continuation-token ' +
      'encoding-type delimiter tagging max-parts key-marker',
  );
  const word = oneOf(' 0 -1 1 10001 NaN x %00 1e9 url constructor 2');
  const query = fc
    .dictionary(name, word, { maxKeys: 3 })
    .map((pairs) => new URLSearchParams(pairs).toString())
    .chain((search) => fc.constantFrom(search, ''));
  const header = oneOf(
    'range if-match if-none-match content-md5 content-type x-amz-acl x-amz-tagging x-amz-copy-source ' +
      'x-amz-storage-class x-amz-decoded-content-length x-amz-metadata-directive x-amz-checksum-crc32 x-amz-meta-a ' +
      'x-amz-trailer x-amz-mp-object-size x-amz-mfa',
  );
  const headerValue = oneOf(` -5 bytes=-1 bytes=5-1 x // %zz ${bucket}/fuzz/a *`);
  const hash = oneOf(
    `UNSIGNED-PAYLOAD UNSIGNED-PAYLOAD STREAMING-UNSIGNED-PAYLOAD-TRAILER ${'0'.repeat(64)}`,
  );
  const onePart = '<Part><PartNumber>1</PartNumber><ETag>&quot;x&#x110000;</ETag></Part>';
  return fc.record({
    method: oneOf('GET PUT PUT PUT POST DELETE HEAD PATCH'),
    path: fc.tuple(path, query).map((parts) => parts.filter((part) => part !== '').join('?')),
    headers: fc
      .tuple(fc.dictionary(header, headerValue, { maxKeys: 3 }), hash)
      .map(([headers, value]) => ({ ...headers, 'x-amz-content-sha256': value })),
    body: fc.constantFrom('', '-5\r\nhello\r\n0\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n', onePart, PARTS),
  });
}

function sqsCalls(): fc.Arbitrary<RawRequest> {
  const QueueUrl = output(STACK_OUTPUTS.pipeline.rowDeadLetterQueueUrl);
  const [ReceiptHandle, Id] = [crypto.randomUUID(), 'a'];
  return jsonCalls('sqs', 'AmazonSQS.', {
    SendMessage: { QueueUrl, MessageBody: 'x', MessageAttributes: {}, DelaySeconds: 900 },
    SendMessageBatch: { QueueUrl, Entries: [{ Id, MessageBody: 'x', DelaySeconds: 900 }] },
    ReceiveMessage: { QueueUrl, MaxNumberOfMessages: 1, WaitTimeSeconds: 0, MessageAttributeNames: [] },
    DeleteMessage: { QueueUrl, ReceiptHandle },
    ChangeMessageVisibilityBatch: { QueueUrl, Entries: [{ Id, ReceiptHandle, VisibilityTimeout: 0 }] },
    GetQueueAttributes: { QueueUrl, AttributeNames: ['All'] },
    GetQueueUrl: { QueueName: 'x' },
    ListQueues: { QueueNamePrefix: 'retail' },
  });
}

function secretCalls(): fc.Arbitrary<RawRequest> {
  const SecretId = output(STACK_OUTPUTS.data.operatorSecretArn);
  const VersionStages = ['SPOILED'];
  return jsonCalls('secretsmanager', 'secretsmanager.', {
    GetSecretValue: { SecretId, VersionStage: 'AWSCURRENT' },
    DescribeSecret: { SecretId },
    PutSecretValue: { SecretId, ClientRequestToken: 'a'.repeat(32), SecretString: 'x', VersionStages },
    UpdateSecretVersionStage: { SecretId, VersionStage: 'SPOILED', MoveToVersionId: 'a' },
  });
}

function stackCalls(): fc.Arbitrary<RawRequest> {
  const pair = fc.tuple(
    fc.constantFrom('Action', 'StackName', 'Version', '__proto__'),
    fc.string({ maxLength: 20 }),
  );
  return fc.array(pair, { maxLength: 4 }).map((pairs) => {
    const body = `Action=DescribeStacks&${new URLSearchParams(pairs)}`;
    return { method: 'POST', path: '/', service: 'cloudformation', body };
  });
}

function reads(): fc.Arbitrary<RawRequest> {
  const logs = jsonCalls('logs', 'Logs_20140328.', {
    FilterLogEvents: {
      logGroupName: 'retail-dev-pipeline-parse',
      startTime: 0,
      limit: 10,
      interleaved: true,
    },
    DescribeLogGroups: { logGroupNamePrefix: 'retail', limit: 1 },
  });
  const rules = jsonCalls('events', 'AWSEvents.', { DescribeRule: { Name: 'nothing' } });
  const identity = fc.string({ maxLength: 20 }).map((text) => {
    const body = `Action=GetCallerIdentity&${new URLSearchParams({ [text]: text })}`;
    return { method: 'POST', path: '/', service: 'sts', body };
  });
  const path = oneOf('functions/x/invocations event-source-mappings/x functions/%zz/invocations functions//');
  const lambda = fc
    .tuple(oneOf('POST PUT GET'), path, spoil({ Enabled: true }))
    .map(([method, name, body]) => {
      const content = method === 'GET' ? {} : { body };
      return { method, path: `/2015-03-31/${name}`, service: 'lambda', ...content };
    });
  const secrets = jsonCalls('secretsmanager', 'secretsmanager.', { ListSecrets: { MaxResults: 10 } });
  return fc.oneof(logs, rules, secrets, identity, lambda);
}

test.each([
  ['S3', s3Calls],
  ['SQS', sqsCalls],
  ['the Data API', dataApiCalls],
  ['Secrets Manager', secretCalls],
  ['CloudFormation', stackCalls],
  ['the services for operators', reads],
])(
  'malformed requests to %s are client errors, and files are loaded after them',
  async (name, calls) => {
    for (const request of fc.sample(calls(), { seed: SEED, numRuns: REQUESTS_PER_SERVICE })) {
      const shown = JSON.stringify({ ...request, body: String(request.body).slice(0, 300) });
      const answer = await sender.send(request).catch((error: Error) => `${error.message}`);
      expect(answer.slice(0, 200), shown).toMatch(/^([234]\d\d|501) /);
    }
    expect(cloud.problems).toEqual([]);
    const key = `retail_05_02_2024_${name.replaceAll(' ', '_')}.csv`;
    const header = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
    const row = `${crypto.randomUUID()},SELL,Milk,1,1.00,1.20`;
    const entry = await cloud.load(`incoming/store=main/${key}`, `${header}\n${row}\n`);
    expect(entry).toMatchObject({ status: 'complete', rowsInserted: 1 });
  },
  120_000,
);

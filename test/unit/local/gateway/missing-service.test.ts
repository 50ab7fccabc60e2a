import { expect, test } from 'vitest';
import { StsService } from '../../../../local/iam/sts-service.ts';
import { startGateway } from '../running-gateway.ts';
import { sendSigned } from '../sign-request.ts';

const gateway = await startGateway(() => ({ sts: new StsService() }));
const MESSAGE = 'the local cloud does not have the service "monitoring": it has sts';
const JSON_ERROR = JSON.stringify({ __type: 'NotImplemented', message: MESSAGE });

function call(headers: Record<string, string>, body = '', service = 'monitoring') {
  return sendSigned(gateway, { method: 'POST', path: '/', service, headers, body });
}

test.each([
  ['JSON', { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'A.B' }, JSON_ERROR],
  ['REST with JSON', {}, JSON_ERROR],
  [
    'Query',
    { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    '<Code>NotImplemented</Code><Message>the local cloud does not have the service &quot;monitoring&quot;',
  ],
  [
    'CBOR',
    { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
    `\u{a2}y\0\u{6}__typey\0\u{e}NotImplementedy\0\u{7}messagey\0${String.fromCharCode(MESSAGE.length)}${MESSAGE}`,
  ],
])('a service that is missing is refused by name in the protocol %s', async (_, headers, body) => {
  const response = await call(headers);
  expect(response.status).toBe(501);
  expect(Buffer.from(await response.arrayBuffer()).toString('latin1')).toContain(body);
});

test('a caller learns its identity without a permission', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await call(form, 'Action=GetCallerIdentity&Version=2011-06-15', 'sts');
  expect(await response.text()).toContain(
    '<GetCallerIdentityResult><Arn>arn:aws:iam::000000000000:user/operator</Arn><UserId>operator</UserId><Account>000000000000</Account></GetCallerIdentityResult>',
  );
});

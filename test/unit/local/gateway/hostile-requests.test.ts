import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { readElements, readText, writeXml } from '../../../../local/gateway/xml.ts';
import { BUCKET, startS3 } from '../s3/running-s3.ts';
import { signHeaders } from '../sign-request.ts';

const gateway = await startS3();
const { host, port } = new URL(gateway.endpoint);

/** Sends bytes as they are, and returns the bytes of the answer. */
async function send(request: string): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(request);
  return text(socket);
}

/** A request to put an object in chunks, signed, with another body than its length. */
async function putChunks(decodedLength: number, body: string): Promise<string> {
  const request = {
    method: 'PUT',
    path: `/${BUCKET}/a`,
    headers: {
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': String(decodedLength),
    },
  };
  const lines = Object.entries(await signHeaders(gateway, request)).map((pair) => pair.join(': '));
  const length = `Content-Length: ${body.length}`;
  return [`PUT ${request.path} HTTP/1.1`, ...lines, 'Connection: close', length, '', body].join('\r\n');
}

const start = (service: string) =>
  `Host: ${host}\r\nConnection: close\r\nAuthorization: AWS4-HMAC-SHA256 Credential=operator/20240101/us-east-1/${service}/aws4_request\r\n`;

test.each([
  ['a path that is not a URL', `GET // HTTP/1.1\r\n${start('s3')}\r\n`, '400'],
  ['no path', `GET * HTTP/1.1\r\n${start('s3')}\r\n`, '400'],
  ["the name of an object's member as service", `GET / HTTP/1.1\r\n${start('constructor')}\r\n`, '501'],
  ...(await Promise.all(
    ['-5', '5zz', '', '+5', '0x5'].map(async (length) => [
      `the chunk length "${length}"`,
      await putChunks(5, `${length}\r\nhello\r\n0\r\n\r\n`.padEnd(40)),
      'IncompleteBody',
    ]),
  )),
  ['another decoded length than announced', await putChunks(6, '5\r\nhello\r\n0\r\n\r\n'), 'IncompleteBody'],
  [
    'no length',
    `PUT /${BUCKET}/a HTTP/1.1\r\n${start('s3')}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    '400',
  ],
])('%s is a client error, and the gateway keeps running', async (_, request, code) => {
  const answer = await send(request!);
  expect(answer).toMatch(/^HTTP\/1.1 (4\d\d|501) /);
  expect(answer).toContain(code);
  expect(gateway.faults).toEqual([]);
});

test('elements of a hostile document are read in one pass', () => {
  const xml = '<Part>'.repeat(400_000);
  expect(readElements(xml, 'Part')).toEqual([]);
  expect(readElements('<a>1</a><b>2</b><a>3</a>', 'a')).toEqual(['1', '3']);
  expect(readText('<a>&constructor;&#x110000;&#65;&apos;</a>', 'a')).toBe("&constructor;&#x110000;A'");
});

test('control characters are written as references', () => {
  expect(writeXml('a', { b: '\0<\r\t\n\u{1f}\uffff' })).toContain('<b>&#0;&lt;&#13;\t\n&#31;&#65535;</b>');
});

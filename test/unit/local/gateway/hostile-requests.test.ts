import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { readElements, readText, writeXml } from '../../../../local/gateway/xml.ts';
import { BUCKET, startS3 } from '../s3/running-s3.ts';

const { endpoint, faults } = await startS3();

/** Sends bytes as they are, and returns the bytes of the answer. */
async function send(request: string): Promise<string> {
  const socket = connect(Number(new URL(endpoint).port), '127.0.0.1');
  socket.write(request);
  return text(socket);
}

const credential = (service: string) => `Credential=operator/20240101/us-east-1/${service}/aws4_request`;
const headers = `Host: 127.0.0.1\r\nConnection: close\r\nAuthorization: AWS4-HMAC-SHA256 ${credential('s3')}\r\n`;

test.each([
  ['a path that is not a URL', 'GET // HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
  ['no path', `GET * HTTP/1.1\r\n${headers}\r\n`],
  [
    "the name of an object's member as service",
    `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: ${credential('constructor')}\r\n\r\n`,
  ],
  ...['-5', '5zz', '', '+5', '0x5'].map((length) => [
    `the chunk length "${length}"`,
    `PUT /${BUCKET}/a HTTP/1.1\r\n${headers}x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n` +
      `x-amz-decoded-content-length: 5\r\nContent-Length: 40\r\n\r\n${`${length}\r\nhello\r\n0\r\n\r\n`.padEnd(40)}`,
  ]),
  [
    'another decoded length than announced',
    `PUT /${BUCKET}/a HTTP/1.1\r\n${headers}x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n` +
      'x-amz-decoded-content-length: 6\r\nContent-Length: 15\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  ],
  ['no length', `PUT /${BUCKET}/a HTTP/1.1\r\n${headers}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
])('%s is a client error, and the gateway keeps running', async (_, request) => {
  expect(await send(request!)).toMatch(/^HTTP\/1.1 4\d\d /);
  expect(faults).toEqual([]);
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

import { expect, test } from 'vitest';
import { createForm, signPolicy } from '../../../../lambdas/api/presigned-post.ts';

// S3 API reference, "Examples: Browser-based upload using HTTP POST (Using AWS Signature Version 4)".
const POLICY =
  'eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9';

test('a policy has the signature of the example of AWS', () => {
  const scope = ['20151229', 'us-east-1', 's3', 'aws4_request'];
  expect(signPolicy(POLICY, 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', scope)).toBe(
    '8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e',
  );
});

test('the form of temporary credentials has their token, others do not', () => {
  const file = { bucketName: 'b', key: 'k', size: 1 };
  const signer = { accessKeyId: 'a', secretAccessKey: 's', region: 'eu-west-1' };
  const times = {
    now: new Date('2026-01-02T03:04:05.678Z'),
    expiresAt: new Date('2026-01-02T03:19:05.678Z'),
  };
  const fields = createForm(file, { ...signer, sessionToken: 't' }, times);
  expect(fields).toMatchObject({
    key: 'k',
    'x-amz-credential': 'a/20260102/eu-west-1/s3/aws4_request',
    'x-amz-date': '20260102T030405Z',
    'x-amz-security-token': 't',
  });
  expect(createForm(file, signer, times)).not.toHaveProperty('x-amz-security-token');
});

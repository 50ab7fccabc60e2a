import { SignatureV4 } from '@smithy/signature-v4';
import type { CloudClient } from '../cloud-client.ts';

const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';
const TYPE = 'application/x-www-form-urlencoded';

/** Asks STS who the caller is, which needs no permission. @returns the ARN of the caller's credentials */
export async function readCaller(client: CloudClient): Promise<string> {
  const { region, credentials, sha256 } = client.sqs.config;
  const { connection, outputs } = client.access;
  // The endpoints of China have another domain (AWS general reference, "STS endpoints").
  const suffix = outputs.clusterArn.startsWith('arn:aws-cn:') ? '.cn' : '';
  // The variables that the SDK's clients read (SDKs and tools reference guide, "Service-specific endpoints").
  const { AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL } = process.env;
  const url = new URL(
    connection.endpoint ??
      (AWS_ENDPOINT_URL_STS || AWS_ENDPOINT_URL || `https://sts.${await region()}.amazonaws.com${suffix}`),
  );
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256 });
  const { protocol, host, hostname } = url;
  const signed = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    path: '/',
    headers: { host, 'content-type': TYPE },
    body: BODY,
  });
  const { host: _, ...headers } = signed.headers;
  const response = await fetch(new URL('/', url), { method: 'POST', headers, body: BODY });
  const answer = await response.text();
  const [, arn] = /<Arn>([^<]+)<\/Arn>/.exec(answer) ?? [];
  if (arn === undefined) throw new Error(`STS answered ${response.status}: ${answer.slice(0, 200)}`);
  return arn;
}

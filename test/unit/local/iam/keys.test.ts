import { beforeEach, describe, expect, it } from 'vitest';
import { AccessControl } from '../../../../local/iam/access-control.ts';
import type { Statement } from '../../../../local/iam/policy.ts';
import type { Caller } from '../../../../local/iam/principals.ts';
import { allow } from '../running-gateway.ts';

const BUCKET = 'arn:aws:s3:::uploads';
const FILE = `${BUCKET}/incoming/a.csv`;
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:rows';
const KEY = 'arn:aws:kms:us-east-1:000000000000:key/ours';
const ROOT = { AWS: 'arn:aws:iam::000000000000:root' };
const LEFT_TO_ACCOUNT: Statement = { ...allow('kms:*', '*'), Principal: ROOT };
const through = (service: string) => ({
  StringEquals: { 'kms:ViaService': `${service}.us-east-1.amazonaws.com` },
});

let access: AccessControl;
beforeEach(() => {
  access = new AccessControl(() => undefined);
  access.addKey(BUCKET, KEY);
  access.addKey(QUEUE, KEY);
});

const callerWith = (...statements: Statement[]): Caller => ({ arn: 'parser', kind: 'function', statements });

describe('data encrypted with a key', () => {
  it('is readable only with permission to decrypt through that service', () => {
    access.addResourcePolicy(KEY, [LEFT_TO_ACCOUNT]);
    const read = allow('s3:GetObject', FILE);
    const decrypt = { ...allow('kms:Decrypt', KEY), Condition: through('s3') };
    access.authorize(callerWith(read, decrypt), 's3:GetObject', FILE);
    expect(() => access.authorize(callerWith(read), 's3:GetObject', FILE)).toThrow('kms:Decrypt');
    const receiver = callerWith(allow('sqs:ReceiveMessage', QUEUE), decrypt);
    expect(() => access.authorize(receiver, 'sqs:ReceiveMessage', QUEUE)).toThrow('kms:Decrypt');
  });

  it('is sent only with permission to generate and verify data keys', () => {
    access.addResourcePolicy(KEY, [LEFT_TO_ACCOUNT]);
    const send = allow('sqs:SendMessage', QUEUE);
    const both = allow(['kms:GenerateDataKey', 'kms:Decrypt'], KEY);
    access.authorize(callerWith(send, both), 'sqs:SendMessage', QUEUE);
    for (const one of ['kms:GenerateDataKey', 'kms:Decrypt']) {
      const caller = callerWith(send, allow(one, KEY));
      expect(() => access.authorize(caller, 'sqs:SendMessage', QUEUE)).toThrow('kms:');
    }
  });

  it('is inaccessible if the key does not delegate to the account, whatever a role allows', () => {
    access.addResourcePolicy(KEY, [{ ...LEFT_TO_ACCOUNT, Action: 'kms:Describe*' }]);
    const caller = callerWith(allow('s3:GetObject', FILE), allow('kms:Decrypt', KEY));
    expect(() => access.authorize(caller, 's3:GetObject', FILE)).toThrow(
      'no key policy leaves the kms:Decrypt action to the account',
    );
  });

  it.each(['S3:getobject', 's3:GETOBJECT'])('is inaccessible in the same way to %s', (action) => {
    access.addResourcePolicy(KEY, [{ ...LEFT_TO_ACCOUNT, Action: 'kms:Describe*' }]);
    const caller = callerWith(allow('s3:*', FILE), allow('kms:*', KEY));
    expect(() => access.authorize(caller, action, FILE)).toThrow('kms:Decrypt');
    expect(() => access.authorize(caller, 'KMS:decrypt', KEY)).toThrow(
      'no key policy leaves the KMS:decrypt',
    );
  });

  it('is inaccessible to a role if the key policy allows only a service', () => {
    access.addResourcePolicy(KEY, [{ ...LEFT_TO_ACCOUNT, Principal: { Service: 's3.amazonaws.com' } }]);
    const caller = callerWith(allow('s3:GetObject', FILE), allow('kms:Decrypt', KEY));
    expect(() => access.authorize(caller, 's3:GetObject', FILE)).toThrow('no key policy leaves');
  });

  it('is inaccessible to a service that the key policy allows only through another one', () => {
    const Principal = { Service: 's3.amazonaws.com' };
    access.addResourcePolicy(KEY, [{ ...LEFT_TO_ACCOUNT, Principal, Condition: through('sqs') }]);
    const s3: Caller = { arn: 's3.amazonaws.com', kind: 'service', statements: [] };
    expect(() => access.authorizeKey(s3, 'kms:Decrypt', QUEUE)).toThrow(
      'no resource-based policy allows the kms:Decrypt action',
    );
  });

  it('is accessible to a service in the key policy, from its own account', () => {
    const s3: Caller = { arn: 's3.amazonaws.com', kind: 'service', statements: [] };
    const Principal = { Service: 's3.amazonaws.com' };
    access.addResourcePolicy(QUEUE, [{ ...allow('sqs:SendMessage', QUEUE), Principal }]);
    expect(() => access.authorize(s3, 'sqs:SendMessage', QUEUE)).toThrow('kms:GenerateDataKey');
    access.addResourcePolicy(KEY, [
      {
        ...allow(['kms:GenerateDataKey', 'kms:Decrypt'], '*'),
        Principal,
        Condition: { StringEquals: { 'aws:SourceAccount': '000000000000' } },
      },
    ]);
    access.authorize(s3, 'sqs:SendMessage', QUEUE);
  });
});

describe('grants', () => {
  it('count as used when a call needed them, each action on each resource separately', () => {
    const caller = callerWith(allow(['sqs:SendMessage', 'sqs:PurgeQueue'], [QUEUE, `${QUEUE}-other`]));
    access.addResourcePolicy(KEY, [LEFT_TO_ACCOUNT]);
    access.addCaller('parser', { ...caller, statements: [...caller.statements, allow('kms:*', KEY)] });
    access.authorize(access.findCaller('parser')!, 'sqs:SendMessage', QUEUE);
    const named = access.grants().map(({ holder, action, resource, isUsed }) => {
      return `${holder} ${action} ${resource.split(':').at(-1)} ${isUsed}`;
    });
    expect(named).toEqual([
      'parser sqs:SendMessage rows true',
      'parser sqs:SendMessage rows-other false',
      'parser sqs:PurgeQueue rows false',
      'parser sqs:PurgeQueue rows-other false',
      'parser kms:* key/ours true',
    ]);
  });

  it('of a resource policy count too, except for what a key delegates to its account', () => {
    const Principal = { Service: 's3.amazonaws.com' };
    access.addResourcePolicy(KEY, [LEFT_TO_ACCOUNT]);
    access.addResourcePolicy(`${QUEUE}-plain`, [
      { ...allow('sqs:SendMessage', `${QUEUE}-plain`), Principal },
    ]);
    expect(access.grants().map(({ holder, isUsed }) => [holder, isUsed])).toEqual([
      [`${QUEUE}-plain`, false],
    ]);
    const s3: Caller = { arn: 's3.amazonaws.com', kind: 'service', statements: [] };
    access.authorize(s3, 'sqs:SendMessage', `${QUEUE}-plain`);
    expect(access.grants()[0]!.isUsed).toBe(true);
  });
});

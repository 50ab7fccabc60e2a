import { beforeEach, describe, expect, it } from 'vitest';
import {
  AccessControl,
  AccessDeniedError,
  accessKeyOf,
  addPolicies,
} from '../../../../local/iam/access-control.ts';
import type { Statement } from '../../../../local/iam/policy.ts';
import type { Caller } from '../../../../local/iam/principals.ts';
import { allow } from '../running-gateway.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:uploads';
const BUCKET = 'arn:aws:s3:::uploads';
const ROLE = 'arn:aws:iam::000000000000:role/parser';
const S3: Caller = { arn: 's3.amazonaws.com', kind: 'service', statements: [] };

let denied: AccessDeniedError[];
let access: AccessControl;
beforeEach(() => {
  denied = [];
  access = new AccessControl((error) => denied.push(error));
});

function parser(...statements: Statement[]): Caller {
  access.addCaller('parser', { arn: 'parser', kind: 'function', statements });
  return access.findCaller('parser')!;
}

describe('a function', () => {
  it('may do nothing that its role does not allow, and the error names the action', () => {
    const caller = parser(allow('sqs:SendMessage', QUEUE));
    const message =
      `User: parser is not authorized to perform: sqs:ReceiveMessage on resource: ${QUEUE} because ` +
      'no identity-based policy allows the sqs:ReceiveMessage action';
    const receive = () => access.authorize(caller, 'sqs:ReceiveMessage', QUEUE);
    expect(receive).toThrow(expect.objectContaining({ name: 'AccessDeniedError', message }));
    expect(receive).toThrow(AccessDeniedError);
    expect(denied.map(({ action }) => action)).toEqual(['sqs:ReceiveMessage', 'sqs:ReceiveMessage']);
  });

  it('may do what its role allows, only on that resource', () => {
    const caller = parser(allow('sqs:SendMessage', QUEUE));
    access.authorize(caller, 'sqs:SendMessage', QUEUE);
    expect(() => access.authorize(caller, 'sqs:SendMessage', `${QUEUE}-dlq`)).toThrow('sqs:SendMessage');
  });

  it('may not do what its role both allows and denies', () => {
    const caller = parser(allow('*', '*'), { Effect: 'Deny', Action: 'sqs:*', Resource: QUEUE });
    expect(() => access.authorize(caller, 'sqs:SendMessage', QUEUE)).toThrow(
      'an identity-based policy denies the sqs:SendMessage action',
    );
  });

  it('may not do what its role denies, even if the resource allows it', () => {
    const caller = parser({ Effect: 'Deny', Action: 'sqs:*', Resource: QUEUE });
    access.addResourcePolicy(QUEUE, [{ ...allow('sqs:SendMessage', QUEUE), Principal: '*' }]);
    expect(() => access.authorize(caller, 'sqs:SendMessage', QUEUE)).toThrow(
      'an identity-based policy denies the sqs:SendMessage action',
    );
  });

  it('has no source account, which only calling services have', () => {
    const Condition = { StringEquals: { 'aws:SourceAccount': '000000000000' } };
    const caller = parser({ ...allow('sqs:SendMessage', QUEUE), Condition });
    expect(() => access.authorize(caller, 'sqs:SendMessage', QUEUE)).toThrow('no identity-based policy');
  });

  it('has the condition keys that AWS sets for every call, and the ARN of its role', () => {
    const StringEquals = { 'aws:RequestedRegion': 'us-east-1', 'aws:PrincipalAccount': '000000000000' };
    const statement = {
      ...allow('sqs:SendMessage', QUEUE),
      Condition: { StringEquals, ArnEquals: { 'aws:PrincipalArn': ROLE } },
    };
    const caller: Caller = { arn: 'parser', kind: 'function', statements: [statement] };
    access.authorize({ ...caller, principalArn: ROLE }, 'sqs:SendMessage', QUEUE);
    expect(() => access.authorize(caller, 'sqs:SendMessage', QUEUE)).toThrow(AccessDeniedError);
    access.addResourcePolicy(QUEUE, [{ ...statement, Principal: '*' }]);
    expect(() => access.authorize(S3, 'sqs:SendMessage', QUEUE)).toThrow(AccessDeniedError);
  });

  it('is refused when its policy names a principal, which only the policy of a resource can', () => {
    expect(() => parser({ ...allow('*', '*'), Principal: '*' })).toThrow('the element Principal');
  });

  it('is refused when its policy has an element that is not understood', () => {
    expect(() => parser({ ...allow('*', '*'), NotResource: '*' } as Statement)).toThrow('NotResource');
  });

  it('can be asked about without a record of the call', () => {
    const caller = parser(allow('sqs:SendMessage', QUEUE));
    expect(access.permits(caller, 'sqs:SendMessage', QUEUE)).toBe(true);
    expect(access.permits(caller, 'sqs:PurgeQueue', QUEUE)).toBe(false);
    expect(access.calls.size).toBe(0);
    expect(denied).toEqual([]);
  });

  it('has every condition key that the call itself brings, and a secure transport', () => {
    const Condition = { Bool: { 'aws:SecureTransport': 'true' }, StringEquals: { 's3:prefix': 'incoming/' } };
    const caller = parser({ ...allow('s3:ListBucket', BUCKET), Condition });
    access.authorize(caller, 's3:ListBucket', BUCKET, { 's3:prefix': 'incoming/' });
    expect(() => access.authorize(caller, 's3:ListBucket', BUCKET)).toThrow(AccessDeniedError);
  });

  it('records what it was allowed and denied, once each', () => {
    const caller = parser(allow('sqs:SendMessage', QUEUE));
    for (let i = 0; i < 3; i++) access.authorize(caller, 'sqs:SendMessage', QUEUE);
    expect(() => access.authorize(caller, 'sqs:PurgeQueue', QUEUE)).toThrow();
    expect([...access.calls.values()]).toEqual([
      { caller: 'parser', action: 'sqs:SendMessage', resource: QUEUE, allowed: true },
      { caller: 'parser', action: 'sqs:PurgeQueue', resource: QUEUE, allowed: false },
    ]);
  });
});

describe('a service', () => {
  const fromBucket: Statement = {
    ...allow('sqs:SendMessage', QUEUE),
    Principal: { Service: 's3.amazonaws.com' },
    Condition: { ArnLike: { 'aws:SourceArn': BUCKET } },
  };

  it('may do what a resource policy allows for its source', () => {
    access.addResourcePolicy(QUEUE, [fromBucket]);
    access.authorizeService('s3', 'sqs:SendMessage', QUEUE, BUCKET);
    expect(() => access.authorizeService('s3', 'sqs:SendMessage', QUEUE, 'arn:aws:s3:::other')).toThrow(
      'User: s3.amazonaws.com is not authorized to perform: sqs:SendMessage',
    );
    expect(() => access.authorize(S3, 'sqs:SendMessage', QUEUE)).toThrow(AccessDeniedError);
  });

  it('may do nothing without a resource policy, or with one for another service or resource', () => {
    access.addResourcePolicy(QUEUE, [{ ...fromBucket, Principal: { Service: 'sns.amazonaws.com' } }]);
    access.addResourcePolicy(`${QUEUE}-other`, [fromBucket]);
    expect(() => access.authorizeService('s3', 'sqs:SendMessage', QUEUE, BUCKET)).toThrow(
      'no resource-based policy allows the sqs:SendMessage action',
    );
  });
});

describe('a resource policy', () => {
  it('denies a function what its role allows', () => {
    const caller = parser(allow('*', '*'));
    access.addResourcePolicy(BUCKET, [
      { Effect: 'Deny', Action: 's3:DeleteObject', Resource: `${BUCKET}/*`, Principal: '*' },
    ]);
    access.authorize(caller, 's3:GetObject', `${BUCKET}/a.csv`);
    expect(() => access.authorize(caller, 's3:DeleteObject', `${BUCKET}/a.csv`)).toThrow(
      'a resource-based policy denies the s3:DeleteObject action',
    );
  });

  it('applies to its own bucket and not to one with the same name prefix', () => {
    access.addResourcePolicy(BUCKET, [{ ...allow('s3:GetObject', '*'), Principal: { AWS: '*' } }]);
    access.authorize(parser(), 's3:GetObject', `${BUCKET}/a.csv`);
    expect(() => access.authorize(parser(), 's3:GetObject', `${BUCKET}-other/a.csv`)).toThrow('s3:GetObject');
  });

  it('that denies the account denies every principal in it', () => {
    const Principal = { AWS: 'arn:aws:iam::000000000000:root' };
    access.addResourcePolicy(BUCKET, [{ Effect: 'Deny', Action: '*', Resource: '*', Principal }]);
    expect(() => access.authorize(parser(allow('*', '*')), 's3:GetObject', `${BUCKET}/a.csv`)).toThrow(
      'a resource-based policy denies the s3:GetObject action',
    );
  });

  it.each([
    [{ AWS: ['*', ROLE] }, ROLE],
    [{ Federated: 'accounts.example.com' }, 'Federated'],
    [{ CanonicalUser: 'abc' }, 'CanonicalUser'],
    [{ AWS: [] }, '{"AWS":[]}'],
    [undefined, 'undefined'],
  ])('is refused for unknown principals, so that no denial is ignored: %j', (Principal, name) => {
    const denial = { Effect: 'Deny', Action: '*', Resource: '*', Principal } as const;
    expect(() => access.addResourcePolicy(BUCKET, [denial])).toThrow(`does not know the principal ${name}`);
  });
});

it('a resource policy is refused if an element is not understood', () => {
  const statement = { ...allow('*', '*'), Principal: '*', NotAction: '*' } as Statement;
  expect(() => access.addResourcePolicy(BUCKET, [statement])).toThrow(`${BUCKET}: the local cloud`);
});

describe('the policies of a template', () => {
  const KEY = 'arn:aws:kms:us-east-1:000000000000:key/ours';
  const root = { AWS: 'arn:aws:iam::000000000000:root' };

  it('make a user for each managed policy, and protect resources and their keys', () => {
    addPolicies(
      {
        managedPolicies: [
          { name: 'Uploader', statements: [allow('s3:PutObject', '*'), allow('kms:*', KEY)] },
        ],
        resourcePolicies: [
          {
            resourceArn: BUCKET,
            statements: [
              { Effect: 'Deny', Action: 's3:PutObject', Resource: `${BUCKET}/rejected/*`, Principal: '*' },
            ],
          },
          { resourceArn: KEY, statements: [{ ...allow('kms:GenerateDataKey', '*'), Principal: root }] },
        ],
        encryptions: [{ resourceArn: BUCKET, keyArn: KEY }],
      },
      access,
    );
    const user = access.findCaller(accessKeyOf('Uploader'))!;
    expect(user).toMatchObject({ arn: 'arn:aws:iam::000000000000:user/Uploader', kind: 'user' });
    access.authorize(user, 's3:PutObject', `${BUCKET}/incoming/a.csv`);
    expect([...access.calls.values()].map(({ action }) => action)).toEqual([
      's3:PutObject',
      'kms:GenerateDataKey',
    ]);
    expect(() => access.authorize(user, 's3:PutObject', `${BUCKET}/rejected/a.csv`)).toThrow(
      'a resource-based policy denies the s3:PutObject action',
    );
    expect(access.findCaller('policy-Uploader')).toBe(user);
    expect(access.findCaller('Uploader')).toBeUndefined();
  });
});

describe('the operator', () => {
  it('may do everything that no resource policy denies', () => {
    const operator = access.findCaller('operator')!;
    access.addResourcePolicy(QUEUE, [
      { Effect: 'Deny', Action: 'sqs:PurgeQueue', Resource: '*', Principal: '*' },
    ]);
    access.authorize(operator, 'sqs:SendMessage', QUEUE);
    expect(() => access.authorize(operator, 'sqs:PurgeQueue', QUEUE)).toThrow(AccessDeniedError);
    expect([...access.calls.values()].map(({ caller }) => caller)).toEqual(['operator', 'operator']);
  });

  it('is the only initial caller', () => {
    expect(access.findCaller('AKIAEXAMPLE')).toBeUndefined();
    expect(access.findCaller('')).toBeUndefined();
  });
});

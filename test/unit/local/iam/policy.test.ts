import { describe, expect, it, test } from 'vitest';
import {
  type Access,
  checkStatements,
  decide,
  grantsOf,
  matches,
  type Statement,
} from '../../../../local/iam/policy.ts';

const OBJECT = 'arn:aws:s3:::uploads/sales/2024.csv';

function access(action: string, resource = OBJECT, context: Access['context'] = {}): Access {
  return { action, resource, context };
}

function statement(changes: Partial<Statement> = {}): Statement {
  return { Effect: 'Allow', Action: 's3:GetObject', Resource: OBJECT, ...changes };
}

describe('a pattern of a policy', () => {
  it.each([
    ['s3:Get*', 's3:GetObjectVersion', true],
    ['*', '', true],
    ['a*c', 'a/b/c', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a?c', 'abbc', false],
    ['uploads/*', 'uploads/line\nfeed', true],
    ['uploads', 'uploads/x', false],
    ['x/uploads', 'uploads', false],
    ['a.c', 'abc', false],
    ['a+(b)[c]{d}|^$\\', 'a+(b)[c]{d}|^$\\', true],
  ])('%j matches %j: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });
});

describe('a decision', () => {
  it('names no statement if none applies', () => {
    expect(decide([], access('s3:GetObject'))).toBe('not-mentioned');
    expect(decide([statement()], access('s3:PutObject'))).toBe('not-mentioned');
    expect(decide([statement()], access('s3:GetObject', `${OBJECT}.gz`))).toBe('not-mentioned');
  });

  it('matches actions in any case, and resources case-sensitively', () => {
    expect(decide([statement({ Action: 'S3:getOBJECT' })], access('s3:GetObject'))).toBe('allowed');
    expect(decide([statement()], access('s3:GetObject', OBJECT.toUpperCase()))).toBe('not-mentioned');
  });

  it('allows if one of several actions and one of several resources match', () => {
    const list = statement({
      Action: ['s3:PutObject', 's3:GetObject*'],
      Resource: ['arn:aws:s3:::other', 'arn:aws:s3:::uploads/*'],
    });
    expect(decide([list], access('s3:GetObjectVersion'))).toBe('allowed');
    expect(decide([list], access('s3:DeleteObject'))).toBe('not-mentioned');
  });

  it('denies as soon as one statement denies, whatever the order', () => {
    const all = statement({ Action: '*', Resource: '*' });
    const none = statement({ Effect: 'Deny' });
    expect(decide([all, none], access('s3:GetObject'))).toBe('denied');
    expect(decide([none, all], access('s3:GetObject'))).toBe('denied');
    expect(decide([none, all], access('s3:PutObject'))).toBe('allowed');
  });
});

test('a grant is one allowed action on one resource', () => {
  const both = statement({ Action: ['s3:GetObject', 's3:PutObject'] });
  expect(grantsOf([statement({ Effect: 'Deny', Action: '*' }), both])).toEqual([
    { statement: both, action: 's3:GetObject', resource: OBJECT },
    { statement: both, action: 's3:PutObject', resource: OBJECT },
  ]);
});

describe('a condition', () => {
  function allows(Condition: Statement['Condition'], context: Access['context']): boolean {
    return (
      decide([statement({ Condition: Condition! })], access('s3:GetObject', OBJECT, context)) === 'allowed'
    );
  }

  it('prevents the statement from applying if the key has another value, or none', () => {
    const overPlainHttp = { Bool: { 'aws:SecureTransport': 'false' } };
    expect(allows(overPlainHttp, { 'aws:SecureTransport': 'false' })).toBe(true);
    expect(allows(overPlainHttp, { 'aws:SecureTransport': 'true' })).toBe(false);
    expect(allows(overPlainHttp, {})).toBe(false);
  });

  it('is met by any of its values, with wildcards only if the operator supports them', () => {
    const context = { 'aws:SourceArn': 'arn:aws:s3:::uploads' };
    expect(allows({ ArnLike: { 'aws:SourceArn': ['arn:aws:s3:::x', 'arn:aws:s3:::up*'] } }, context)).toBe(
      true,
    );
    expect(allows({ ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::up*' } }, context)).toBe(true);
    expect(allows({ StringLike: { 'aws:SourceArn': 'arn:*:uploads' } }, context)).toBe(true);
    expect(allows({ StringEquals: { 'aws:SourceArn': 'arn:aws:s3:::up*' } }, context)).toBe(false);
  });

  it('compares an ARN part by part: only in the last part does a star match a colon', () => {
    const context = { 'aws:SourceArn': 'arn:aws:sns:us-east-1:000000000000:topic:subscription' };
    const like = (arn: string) => allows({ ArnLike: { 'aws:SourceArn': arn } }, context);
    expect(like('arn:aws:sns:*:*:topic:*')).toBe(true);
    expect(like('arn:aws:sns:*:000000000000:*')).toBe(true);
    expect(like('arn:aws:sns:us-east-1:000000000000:t*n')).toBe(true);
    expect(like('arn:aws:sns:us-east-1:000000000000:topic')).toBe(false);
    expect(like('arn:aws:sns:us-east-1:000000000000:topics*')).toBe(false);
    expect(like('arn:aws:sns:*:topic:subscription')).toBe(false);
    expect(like('arn:aws:s*:us-east-1:*')).toBe(false);
  });

  it('requires every operator and every key to match', () => {
    const Condition = { StringEquals: { a: '1', b: '2' }, Bool: { c: 'true' } };
    expect(allows(Condition, { a: '1', b: '2', c: 'true' })).toBe(true);
    expect(allows(Condition, { a: '1', b: '2', c: 'false' })).toBe(false);
    expect(allows(Condition, { a: '1', b: '3', c: 'true' })).toBe(false);
  });

  it('matches key names in any case, as IAM does', () => {
    expect(allows({ ArnLike: { 'AWS:sourcearn': 'arn:*' } }, { 'aws:SourceArn': 'arn:x' })).toBe(true);
  });
});

describe('an unsupported policy', () => {
  it.each(['NotAction', 'NotResource', 'NotPrincipal'])('is refused for its element %s', (element) => {
    const statements = [{ ...statement(), [element]: '*' }];
    expect(() => checkStatements(statements, 'the role')).toThrow(
      `the role: the local cloud does not know the policy element ${element}`,
    );
  });

  it('is refused for its condition operator', () => {
    const statements = [statement({ Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })];
    expect(() => checkStatements(statements, 'the role')).toThrow(
      'the role: the local cloud does not know the condition IpAddress',
    );
  });

  it('is accepted if everything in it is supported', () => {
    const whole = { Sid: 'x', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'true' } } };
    expect(() => checkStatements([{ ...statement(), ...whole }], 'the role')).not.toThrow();
  });
});

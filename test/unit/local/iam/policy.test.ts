import { describe, expect, it, test } from 'vitest';
import {
  type Access,
  checkStatements,
  decide,
  grantsOf,
  type Statement,
} from '../../../../local/iam/policy.ts';

const OBJECT = 'arn:aws:s3:::uploads/sales/2024.csv';

function access(action: string, resource = OBJECT, context: Access['context'] = {}): Access {
  return { action, resource, context };
}

function statement(changes: Partial<Statement> = {}): Statement {
  return { Effect: 'Allow', Action: 's3:GetObject', Resource: OBJECT, ...changes };
}

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

describe('an unsupported policy', () => {
  it.each(['NotAction', 'NotResource', 'NotPrincipal'])('is refused for its element %s', (element) => {
    const statements = [{ ...statement(), [element]: '*' }];
    expect(() => checkStatements(statements, 'the role')).toThrow(
      `the role: the local cloud does not know the policy element ${element}`,
    );
  });

  it.each<[string, object]>([
    ['the effect "Alow"', { Effect: 'Alow' }],
    ['the effect "allow"', { Effect: 'allow' }],
    ['the action "GetObject"', { Action: 'GetObject' }],
    ['the action "s*:GetObject"', { Action: 's*:GetObject' }],
    ['the action []', { Action: [] }],
    ['the action ["s3:GetObject",7]', { Action: ['s3:GetObject', 7] }],
    ['the resource undefined', { Resource: undefined }],
    ['the resource "uploads"', { Resource: 'uploads' }],
    [`the resource "arn:aws:s3:::*/\${aws:username}/*"`, { Resource: `arn:aws:s3:::*/\${aws:username}/*` }],
    ['the resource "arn:aws:sqs:*:000000000000:jobs"', { Resource: 'arn:aws:sqs:*:000000000000:jobs' }],
    ['the condition []', { Condition: [] }],
    ['the condition "x"', { Condition: 'x' }],
    ['the condition {"StringEquals":7}', { Condition: { StringEquals: 7 } }],
    ['the value ["true"] of', { Condition: { Bool: { 'aws:SecureTransport': [['true']] } } }],
    ['the value null of', { Condition: { Bool: { 'aws:SecureTransport': [null] } } }],
    ['the condition operator IpAddress', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
  ])('is refused for %s', (problem, change) => {
    const statements = [{ ...statement(), ...change } as Statement];
    expect(() => checkStatements(statements, 'the role')).toThrow(
      `the role: the local cloud does not know ${problem}`,
    );
  });

  it('is accepted if everything in it is supported', () => {
    const Condition = { Bool: { 'aws:SecureTransport': false } };
    const whole = {
      Sid: 'x',
      Principal: '*',
      Resource: ['*', 'arn:aws:sqs:us-east-1:000000000000:jobs-?*'],
      Condition,
    };
    expect(() => checkStatements([{ ...statement(), ...whole }], 'the role')).not.toThrow();
  });
});

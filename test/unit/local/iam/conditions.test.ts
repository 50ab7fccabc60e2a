import { describe, expect, it } from 'vitest';
import {
  type Condition,
  type Context,
  findConditionProblem,
  meetsCondition,
} from '../../../../local/iam/conditions.ts';

function allows(condition: Condition, context: Context): boolean {
  expect(findConditionProblem(condition)).toBeUndefined();
  const lowerCase = Object.entries(context).map(([key, value]) => [key.toLowerCase(), value] as const);
  return meetsCondition(condition, new Map(lowerCase));
}

describe('a condition', () => {
  it('prevents the statement from applying if the key has another value, or none', () => {
    const overPlainHttp = { Bool: { 'aws:SecureTransport': 'false' } };
    expect(allows(overPlainHttp, { 'aws:SecureTransport': 'false' })).toBe(true);
    expect(allows(overPlainHttp, { 'aws:SecureTransport': 'true' })).toBe(false);
    expect(allows(overPlainHttp, {})).toBe(false);
  });

  it.each([false, 'False', 'FALSE', ['false']])('compares the truth value %j in any form', (value) => {
    const overPlainHttp = { Bool: { 'aws:SecureTransport': value } };
    expect(allows(overPlainHttp, { 'aws:SecureTransport': 'false' })).toBe(true);
    expect(allows(overPlainHttp, { 'aws:SecureTransport': 'true' })).toBe(false);
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
    expect(like('arn:aws:s*:000000000000:topic:*')).toBe(false);
  });

  it('on an ARN is not met by a value that is not one', () => {
    const anyArn = { ArnLike: { 'aws:SourceArn': 'arn:*:*:*:*:*' } };
    expect(allows(anyArn, { 'aws:SourceArn': 'arn:aws:s3:::uploads' })).toBe(true);
    expect(allows(anyArn, { 'aws:SourceArn': '000000000000' })).toBe(false);
    expect(allows({ ArnNotLike: anyArn.ArnLike }, { 'aws:SourceArn': '000000000000' })).toBe(true);
  });

  it('requires every operator and every key to match', () => {
    const Condition = {
      StringEquals: { 's3:prefix': '1', 'aws:SourceAccount': '2' },
      Bool: { 'aws:SecureTransport': 'true' },
    };
    const context = { 's3:prefix': '1', 'aws:SourceAccount': '2', 'aws:SecureTransport': 'true' };
    expect(allows(Condition, context)).toBe(true);
    expect(allows(Condition, { ...context, 'aws:SecureTransport': 'false' })).toBe(false);
    expect(allows(Condition, { ...context, 'aws:SourceAccount': '3' })).toBe(false);
  });

  it('matches key names in any case, as IAM does', () => {
    const condition = { ArnLike: { 'AWS:sourcearn': 'arn:aws:s3:::*' } };
    expect(allows(condition, { 'aws:SourceArn': 'arn:aws:s3:::x' })).toBe(true);
  });

  const key = 's3:x-amz-storage-class';
  it.each<[Condition, boolean[]]>([
    [{ StringEquals: { [key]: ['A', 'B'] } }, [true, false, false]],
    [{ StringNotEquals: { [key]: ['A', 'B'] } }, [false, true, true]],
    [{ StringNotLike: { [key]: '?' } }, [false, true, true]],
    [{ StringEqualsIfExists: { [key]: 'A' } }, [true, false, true]],
    [{ StringNotEqualsIfExists: { [key]: 'A' } }, [false, true, true]],
    [{ Null: { [key]: 'true' } }, [false, false, true]],
    [{ Null: { [key]: false } }, [true, true, false]],
  ])('%j is met by A, by another value and without the key: %j', (condition, [byA, byOther, byNone]) => {
    expect(allows(condition, { [key]: 'A' })).toBe(byA);
    expect(allows(condition, { [key]: 'GLACIER' })).toBe(byOther);
    expect(allows(condition, {})).toBe(byNone);
  });
});

describe('a condition is refused for', () => {
  it.each<[string, object]>([
    ['the condition operator StringEqualsIgnoreCase', { StringEqualsIgnoreCase: { 's3:prefix': 'a' } }],
    ['the condition operator ForAnyValue:StringEquals', { 'ForAnyValue:StringEquals': { 's3:prefix': 'a' } }],
    ['the condition operator constructor', { constructor: { 's3:prefix': 'a' } }],
    ['the condition operator toString', { toString: { 's3:prefix': 'a' } }],
    ['the condition operator NullIfExists', { NullIfExists: { 's3:prefix': 'true' } }],
    ['the condition operator BoolNot', { BoolNot: { 'aws:SecureTransport': 'true' } }],
    ['the condition operator BoolEquals', { BoolEquals: { 'aws:SecureTransport': 'true' } }],
    ['the condition key aws:SourceIp', { StringEquals: { 'aws:SourceIp': '10.0.0.1' } }],
    ['the condition key aws:username', { StringNotEquals: { 'aws:username': 'a' } }],
    ['the condition key constructor', { StringEquals: { constructor: 'a' } }],
    [
      'the condition operator ArnLike with the key aws:SourceAccount',
      { ArnLike: { 'aws:SourceAccount': '*' } },
    ],
    [
      'the condition operator StringEquals with the key aws:SecureTransport',
      { StringEquals: { 'aws:SecureTransport': 'true' } },
    ],
    [
      'the value "*" of aws:SourceArn, which does not have the six parts of an ARN',
      { ArnLike: { 'aws:SourceArn': '*' } },
    ],
    [
      'the value "no" of aws:SecureTransport, which is neither true nor false',
      { Bool: { 'aws:SecureTransport': ['true', 'no'] } },
    ],
    ['the value 7 of s3:prefix, which is not a string', { StringEquals: { 's3:prefix': 7 } }],
    ['the condition key s3:prefix without a value', { StringEquals: { 's3:prefix': [] } }],
    [
      `the value "home/\${aws:username}/*" of s3:prefix, which has a policy variable`,
      { StringLike: { 's3:prefix': `home/\${aws:username}/*` } },
    ],
  ])('%s', (problem, condition) => {
    expect(findConditionProblem(condition as Condition)).toBe(problem);
  });
});

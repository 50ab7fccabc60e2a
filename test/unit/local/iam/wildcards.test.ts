import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matches } from '../../../../local/iam/wildcards.ts';
import '../../../support/repeatable-properties.ts';

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

  it('agrees with the definition: a star is any text, a question mark any character', () => {
    const isMatch = (pattern: string, text: string): boolean => {
      if (pattern === '') return text === '';
      const rest = pattern.slice(1);
      if (pattern[0] !== '*') {
        return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && isMatch(rest, text.slice(1));
      }
      return isMatch(rest, text) || (text !== '' && isMatch(pattern, text.slice(1)));
    };
    const letters = (of: string[]) =>
      fc.array(fc.constantFrom(...of), { maxLength: 8 }).map((list) => list.join(''));
    fc.assert(
      fc.property(letters(['a', 'b', '*', '?']), letters(['a', 'b', '*', '?']), (pattern, text) => {
        expect(matches(pattern, text)).toBe(isMatch(pattern, text));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['12 stars', '*a'.repeat(12).concat('b')],
    ['100 stars in a row', `${'*'.repeat(100)}b`],
    ['stars and question marks', '*?a'.repeat(20).concat('b')],
    ['one star before a long text', `*${'a'.repeat(50)}b`],
  ])('takes at most one step for each pair of characters, with %s', (_what, pattern) => {
    for (const length of [100, 1_000]) {
      let steps = 0;
      const text = new Proxy(Array.from<string>({ length }).fill('a'), {
        get(target, name) {
          if (/^\d+$/.test(String(name))) steps++;
          return Reflect.get(target, name);
        },
      });
      expect(matches(pattern, text)).toBe(false);
      expect(steps).toBeLessThanOrEqual(pattern.length * length);
    }
  });
});

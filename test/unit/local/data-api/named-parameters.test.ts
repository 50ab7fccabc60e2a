import { describe, expect, it } from 'vitest';
import { toPositional } from '../../../../local/data-api/sql-values.ts';

describe('a named parameter', () => {
  it('becomes a number, the same one wherever it appears', () => {
    expect(toPositional('SELECT :b, :a_1 + :b')).toEqual({
      sql: 'SELECT $1, $2 + $1',
      names: ['b', 'a_1'],
    });
  });

  it.each([
    ['a string', "SELECT ':no', :yes", "SELECT ':no', $1"],
    ['a string with a quote in it', "SELECT 'it''s :no', :yes", "SELECT 'it''s :no', $1"],
    ['an escape string', "SELECT E'\\':no', :yes", "SELECT E'\\':no', $1"],
    ['a quoted name', 'SELECT ":no""" FROM t WHERE a = :yes', 'SELECT ":no""" FROM t WHERE a = $1'],
    ['a comment to the end of the line', 'SELECT 1 -- :no\n, :yes', 'SELECT 1 -- :no\n, $1'],
    ['a comment in the middle', 'SELECT /* :no\n:no */ :yes', 'SELECT /* :no\n:no */ $1'],
    ['a comment in a comment', 'SELECT /* /* x */ :no */ :yes', 'SELECT /* /* x */ :no */ $1'],
    ['a dollar quote', 'SELECT $$:no$$, :yes', 'SELECT $$:no$$, $1'],
    ['a dollar quote with a tag', 'SELECT $f$ $$ :no $$ $f$, :yes', 'SELECT $f$ $$ :no $$ $f$, $1'],
  ])('is not replaced in %s', (_, sql, expected) => {
    expect(toPositional(sql)).toEqual({ sql: expected, names: ['yes'] });
  });

  it('is distinguished from a cast', () => {
    const expected = { sql: 'SELECT $1::json, now()::date', names: ['rows'] };
    expect(toPositional('SELECT :rows::json, now()::date')).toEqual(expected);
  });
});

describe('a statement', () => {
  it('may end with a semicolon, or contain one that separates no statements', () => {
    expect(toPositional('SELECT 1;\n ').sql).toBe('SELECT 1');
    expect(toPositional("SELECT ';' -- ;\n, $$;$$ /* ; */").names).toEqual([]);
  });

  it.each([
    'SELECT 1; SELECT 2',
    'SELECT 1; SELECT 2;',
    "SELECT ''; DROP TABLE t",
    "SELECT E'\\''; DROP TABLE t",
    "SELECT E'a\\\\'; DROP TABLE t --'",
  ])('is refused if it contains a second one: %s', (sql) => {
    expect(() => toPositional(sql)).toThrow("Multistatements aren't supported.");
  });
});

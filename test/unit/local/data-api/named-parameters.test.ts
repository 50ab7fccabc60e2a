import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bindParameters } from '../../../../local/data-api/named-parameters.ts';

const text = (name: string, stringValue = name) => ({ name, value: { stringValue } });
const bind = (sql: string) => bindParameters(sql, [text('a_1'), text('b'), text('yes')]);

describe('a named parameter', () => {
  it('becomes a number, the same one wherever it appears', () => {
    expect(bind('SELECT :b, :a_1 || :b')).toEqual({
      sql: 'SELECT $1::text, $2::text || $1::text',
      values: ['b', 'a_1'],
    });
  });

  it('has the type of its value', () => {
    const given = [
      { name: 'a', value: { longValue: 1 } },
      { name: 'b', value: { doubleValue: 1.5 } },
      { name: 'c', value: { booleanValue: false } },
      { name: 'd', value: { isNull: true as const } },
    ];
    expect(bindParameters('SELECT :a, :b, :c, :d', given)).toEqual({
      sql: 'SELECT $1::bigint, $2::float8, $3::boolean, $4',
      values: [1, 1.5, false, null],
    });
  });

  it('is distinguished from a cast', () => {
    const { sql } = bind('SELECT :b::json, now()::date');
    expect(sql).toBe('SELECT $1::text::json, now()::date');
  });

  it.each(['SELECT :missing', 'SELECT :constructor', 'SELECT :__proto__'])(
    'is refused if it is not given: %s',
    (sql) => {
      expect(() => bind(sql)).toThrow('Cannot find parameter');
    },
  );

  it('is refused if it is given twice', () => {
    expect(() => bindParameters('SELECT :a', [text('a', '1'), text('a', '2')])).toThrow('the same name');
  });

  it.each([
    ['a string', "SELECT ':no', :yes"],
    ['a format of times', "SELECT to_char(now(), 'HH24:MI:SS')"],
    ['a quoted name', 'SELECT ":no" FROM t WHERE a = :yes'],
    ['a comment to the end of the line', 'SELECT 1 -- :no\n, :yes'],
    ['a comment in the middle', 'SELECT /* :no\n:no */ :yes'],
    ['a dollar quote', 'SELECT $$:no$$, :yes'],
    ['a dollar quote with a tag', 'SELECT $f$ $$ :no $$ $f$, :yes'],
  ])('is refused in %s, where the Data API may find it', (_, sql) => {
    expect(() => bind(sql)).toThrow('The Data API may take ":');
  });

  it.each([
    ['an apostrophe in a comment', "SELECT 1 -- the product's name\n, :yes"],
    ['a quotation mark in a comment', 'SELECT 1 /* " */, :yes'],
    ['a comment in a comment', 'SELECT /* /* x */ */ :yes'],
    ['an apostrophe in a quoted name', `SELECT "it's", :yes`],
    ['an apostrophe in a dollar quote', "SELECT $$it's$$, :yes"],
    ['an escaped apostrophe', "SELECT E'\\'', :yes, ''"],
    ['a backslash at the end of a string', "SELECT E'a\\\\'; DROP TABLE t --'"],
  ])('is refused beside %s, which a simpler reader takes for a quote', (_, sql) => {
    expect(() => bind(sql)).toThrow('may find other quotes');
  });
});

describe('a statement', () => {
  it('may end with a semicolon, or contain one that separates no statements', () => {
    expect(bind('SELECT 1;\n ').sql).toBe('SELECT 1');
    expect(bind("SELECT ';' -- ;\n, $$;$$ /* ; */, 'it''s', E'\\n', a$b, 'a::b', '12:30'").values).toEqual(
      [],
    );
  });

  it.each([
    'SELECT 1; SELECT 2',
    'SELECT 1; SELECT 2;',
    "SELECT ''; DROP TABLE t",
    'SELECT 1 AS a$x$; SELECT 2; --$x$',
    'SELECT 1 AS ä$x$; SELECT 2; --$x$',
  ])('is refused if it contains a second one: %s', (sql) => {
    expect(() => bind(sql)).toThrow("Multistatements aren't supported.");
  });

  it.each([
    "SELECT 'a",
    'SELECT "a',
    'SELECT /* a',
    'SELECT $$ a',
    'SELECT $a$ a $b$',
    "SELECT $1, '$1'",
    '/* '.repeat(20_000),
  ])('is refused if a quote or comment does not end, or if it numbers a parameter itself: %.20s', (sql) => {
    expect(() => bind(sql)).toThrow('does not end');
  });

  it('may be the bootstrap of the migrations', () => {
    const sql = readFileSync('sql/bootstrap.sql', 'utf8');
    expect(bindParameters(sql, [])).toEqual({ sql: sql.trim().replace(/;$/, ''), values: [] });
  });
});

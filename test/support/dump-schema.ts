import type pg from 'pg';

const HEADER = `-- The present schema: tables, columns of views, signatures of functions, and who may use them. The definitions of functions
-- and views are in functions/ and views/. "npm run schema" writes this file from a database to which every file of this
-- folder was applied. Do not edit it.`;

const SCHEMAS = `('public', 'ledger', 'reporting')`;

const ROLES = `
  SELECT concat('-- role ', r.rolname, ': ', concat_ws(', ',
    CASE WHEN r.rolcanlogin THEN 'login' END, CASE WHEN r.rolsuper THEN 'superuser' END,
    CASE WHEN r.rolcreaterole THEN 'createrole' END, CASE WHEN r.rolcreatedb THEN 'createdb' END,
    CASE WHEN r.rolbypassrls THEN 'bypassrls' END, array_to_string(r.rolconfig, ', '))) AS line
  FROM pg_roles AS r WHERE r.rolname LIKE 'retail%' ORDER BY r.rolname`;

/** Privileges of an access list, the owner's left out, one line for each privilege. */
const grants = (acl: string, owner: string, target: string) => `
  SELECT format('GRANT %s ON ${target} TO %s;', a.privilege_type, o.name,
    string_agg(CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, ', ' ORDER BY a.grantee::regrole::text))
  FROM aclexplode(${acl}) AS a WHERE a.grantee <> ${owner} GROUP BY a.privilege_type ORDER BY a.privilege_type`;

const SCHEMA_LINES = `
  SELECT o.name, concat('CREATE SCHEMA ', o.name, ';') AS line, obj_description(o.oid, 'pg_namespace') AS comment,
         ARRAY(${grants(`coalesce(o.nspacl, acldefault('n', o.nspowner))`, 'o.nspowner', 'SCHEMA %s')}) AS grants
  FROM (SELECT n.*, n.nspname::text AS name FROM pg_namespace AS n) AS o WHERE o.name IN ${SCHEMAS} ORDER BY o.name`;

const RELATIONS = `
  SELECT o.name, o.kind, obj_description(o.oid, 'pg_class') AS comment,
    ARRAY(
      SELECT json_build_object('text', concat(a.attname, ' ', format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN ' NOT NULL' END, ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)),
        'comment', col_description(o.oid, a.attnum))
      FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
    ) AS columns,
    ARRAY(
      SELECT format('CONSTRAINT %s %s', c.conname, pg_get_constraintdef(c.oid))
      FROM pg_constraint AS c WHERE c.conrelid = o.oid AND c.contype <> 'n' ORDER BY c.conname
    ) AS constraints,
    ARRAY(
      SELECT pg_get_indexdef(i.indexrelid) || ';' FROM pg_index AS i
      WHERE i.indrelid = o.oid AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = i.indexrelid)
      ORDER BY i.indexrelid::regclass::text
    ) AS indexes,
    ARRAY(${grants(`coalesce(o.relacl, acldefault('r', o.relowner))`, 'o.relowner', '%s')}) AS grants
  FROM (
    SELECT c.*, format('%s.%s', n.nspname, c.relname) AS name,
           CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'v' THEN 'VIEW' ELSE c.relkind::text END AS kind
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ${SCHEMAS} AND c.relkind NOT IN ('i', 'c', 't')
  ) AS o ORDER BY o.kind, o.name`;

const FUNCTIONS = `
  SELECT concat('CREATE FUNCTION ', o.call, ' RETURNS ', pg_get_function_result(o.oid), ' LANGUAGE ', o.language,
    CASE o.provolatile WHEN 's' THEN ' STABLE' WHEN 'i' THEN ' IMMUTABLE' END,
    CASE WHEN o.prosecdef THEN ' SECURITY DEFINER' END, ' SET ' || array_to_string(o.proconfig, ' SET '), ';') AS line,
    ARRAY(${grants(`coalesce(o.proacl, acldefault('f', o.proowner))`, 'o.proowner', 'FUNCTION %s')}) AS grants
  FROM (
    SELECT p.*, l.lanname AS language, p.oid::regprocedure::text AS name,
           format('%s.%s(%s)', n.nspname, p.proname, pg_get_function_arguments(p.oid)) AS call
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace JOIN pg_language AS l ON l.oid = p.prolang
    WHERE n.nspname IN ${SCHEMAS}
  ) AS o ORDER BY o.name`;

const DEFAULTS = `
  SELECT format('-- default privileges on new objects of type "%s"%s: %s', d.defaclobjtype,
                ' in schema ' || nullif(d.defaclnamespace, 0)::regnamespace::text, d.defaclacl) AS line
  FROM pg_default_acl AS d ORDER BY 1`;

interface Relation {
  readonly name: string;
  readonly kind: string;
  readonly comment: string | null;
  readonly columns: readonly { readonly text: string; readonly comment: string | null }[];
  readonly constraints: readonly string[];
  readonly indexes: readonly string[];
  readonly grants: readonly string[];
}

interface Described {
  readonly line: string;
  readonly comment?: string | null;
  readonly grants: readonly string[];
}

/** Describes the schema of a database from its catalog, always in the same order. */
export async function dumpSchema(client: pg.Client): Promise<string> {
  const lines = async (sql: string) =>
    (await client.query<{ line: string }>(sql)).rows.map(({ line }) => line);
  const described = async (sql: string) =>
    (await client.query<Described>(sql)).rows.flatMap(({ line, comment, grants }) => [
      `${line}${writeComment(comment)}`,
      ...grants,
    ]);
  const relations = (await client.query<Relation>(RELATIONS)).rows.map(writeRelation);
  const roles = [...(await lines(ROLES)), ...(await lines(DEFAULTS))].join('\n');
  const schemas = (await described(SCHEMA_LINES)).join('\n');
  const functions = (await described(FUNCTIONS)).join('\n');
  return `${[HEADER, roles, schemas, ...relations, functions].join('\n\n')}\n`;
}

function writeRelation({ name, kind, comment, columns, constraints, indexes, grants }: Relation): string {
  const parts = [...columns, ...constraints.map((text) => ({ text, comment: null }))];
  const body = parts.map(
    (part, index) => `  ${part.text}${index < parts.length - 1 ? ',' : ''}${writeComment(part.comment)}`,
  );
  return [`CREATE ${kind} ${name} (${writeComment(comment)}`, ...body, ');', ...indexes, ...grants].join(
    '\n',
  );
}

function writeComment(comment: string | null | undefined): string {
  return comment ? ` -- ${comment}` : '';
}

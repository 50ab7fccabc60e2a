import { expect, test } from 'vitest';
import { buildOpenApi } from '../../../../lambdas/api/open-api.ts';
import { API_ROUTES } from '../../../../lambdas/shared/api-routes.ts';

const MAX_LINE = 120;

/** Writes JSON with everything on one line that fits. */
function format(value: unknown, indent = ''): string {
  const short = JSON.stringify(value);
  if (indent.length + short.length <= MAX_LINE || typeof value !== 'object') return short;
  const isList = Array.isArray(value);
  const parts = Object.entries(value as object).map(([name, part]) => {
    return `${indent}  ${isList ? '' : `${JSON.stringify(name)}: `}${format(part, `${indent}  `)}`;
  });
  return `${isList ? '[' : '{'}\n${parts.join(',\n')}\n${indent}${isList ? ']' : '}'}`;
}

test('docs/openapi.json describes the API: npm run openapi writes it', async () => {
  await expect(`${format(buildOpenApi())}\n`).toMatchFileSnapshot('../../../../docs/openapi.json');
});

test('the description has every route, and refers to existing schemas only', () => {
  const text = JSON.stringify(buildOpenApi());
  const { paths, components } = JSON.parse(text) as {
    paths: Record<string, Record<string, { operationId: string }>>;
    components: { schemas: object };
  };
  const routes = Object.values(paths).flatMap((methods) => Object.values(methods));
  expect(routes.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(API_ROUTES).sort());
  for (const [, name] of text.matchAll(/#\/components\/schemas\/(\w+)/g))
    expect(components.schemas).toHaveProperty(name!);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NEEDS } from '../../lambdas/api/callers.ts';
import { QUERY_PARAMETERS } from '../../lambdas/api/parameters.ts';
import { API_ROUTES, type RouteName } from '../../lambdas/shared/api-routes.ts';
import { BERGEN, type LoadedApi, loadApiFiles, OSLO } from '../support/api-files.ts';
import type { ApiOnDatabase } from '../support/api-ledger.ts';
import { TestDatabase } from '../support/test-database.ts';

/** Routes that read no ledger, or of one store by its path. */
const WITHOUT_LEDGER: readonly RouteName[] = [
  'getReceipt',
  'getRules',
  'getSession',
  'getStatus',
  'getDocument',
];
const ROUTES = (Object.keys(NEEDS) as RouteName[]).filter(
  (route) => NEEDS[route] === 'read' && !WITHOUT_LEDGER.includes(route),
);
const RANGE = { since: '2025-03-01', until: '2025-03-31' };
/** Questions for everything that the fixture has. */
const QUERIES: Readonly<Partial<Record<RouteName, Readonly<Record<string, string>>[]>>> = {
  getBalance: [{ product: 'Soap' }, { product: 'Tea' }],
  getTopProducts: [RANGE],
  getSold: [RANGE],
  listTransactions: [{ product: 'Soap' }, { product: 'Tea' }, { day: '2025-03-01' }],
};

let database: TestDatabase;
let api: ApiOnDatabase;
let ids: LoadedApi['ids'];
beforeAll(async () => {
  database = await TestDatabase.create();
  ({ api, ids } = await loadApiFiles(database));
});
afterAll(() => database?.drop());

const ask = async (route: RouteName, stores: string, id: string, query = {}) =>
  JSON.stringify(await api.ask(route, { id, stores, query }).catch((error: Error) => error.message));

describe('a person of the store bergen', () => {
  test.each(ROUTES)('by %s sees nothing of another store', async (route) => {
    const secrets = new RegExp(`store=oslo|"oslo"|"Tea"|"(12\\.00|120\\.12)"|${ids[OSLO]}`);
    for (const query of QUERIES[route] ?? [{}]) {
      const everything = await ask(route, '*', ids[OSLO]!, query);
      const own = [
        await ask(route, 'bergen', ids[OSLO]!, query),
        await ask(route, 'bergen', ids[BERGEN]!, query),
      ];
      expect(everything, 'the same question of an operator').not.toBe(own[0]);
      for (const answer of own) expect(answer).not.toMatch(secrets);
    }
  });

  test.each(ROUTES.filter((route) => API_ROUTES[route].includes('{id}')))(
    'by %s cannot tell an upload of another store from one that does not exist',
    async (route) => {
      const unknown = '00000000-0000-4000-8000-000000000000';
      expect(await ask(route, 'bergen', ids[OSLO]!)).toBe(await ask(route, 'bergen', unknown));
    },
  );

  test('finds no transaction of an upload of another store', async () => {
    for (const query of [{ upload: ids[OSLO]! }, { upload: ids[OSLO]!, line: '2' }]) {
      expect(await ask('listTransactions', 'bergen', '', query)).toBe('{"transactions":[]}');
    }
  });

  test.each(ROUTES.filter((route) => QUERY_PARAMETERS[route]?.store !== undefined))(
    'by %s may not name another store',
    async (route) => {
      const query = { ...QUERIES[route]?.[0], store: 'oslo' };
      expect(await ask(route, 'bergen', '', query)).toContain('You may not read the store');
    },
  );
});

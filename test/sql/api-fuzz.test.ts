import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { QUERY_PARAMETERS } from '../../lambdas/api/parameters.ts';
import { ProblemError } from '../../lambdas/api/problem.ts';
import type { RouteName } from '../../lambdas/shared/api-routes.ts';
import { ApiOnDatabase } from '../support/api-ledger.ts';
import { loadFile, uuid } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let api: ApiOnDatabase;
let id: string;
beforeAll(async () => {
  database = await TestDatabase.create();
  const loader = await database.connectAs('retail_loader');
  const lines = [
    'id,category,description,quantity,amount_excl_tax,amount_inc_tax',
    `${uuid(1)},SELL,Tea,1,1,1.20`,
    'x',
  ];
  const parsed = await loadFile(loader, 'incoming/store=oslo/retail_01_03_2025.csv', lines.join('\n'));
  id = parsed.batches[0]!.upload.uploadId;
  api = await ApiOnDatabase.connect(database);
});
afterAll(() => database?.drop());

/** Values that some parameters accept, and others. */
const value = fc.oneof(
  fc.constantFrom(
    'oslo',
    'open',
    'failed',
    'Tea',
    'SELL',
    '1',
    '100',
    '0',
    '2147483647',
    uuid(1),
    `1_${uuid(1)}`,
  ),
  fc.constantFrom(
    '2025-03-01',
    '1000-01-01',
    '2999-12-31',
    `2025-03-01_${uuid(1)}`,
    '2025-03-01_oslo',
    '9999999999999999',
  ),
  fc.constantFrom(
    `9999999999999999_${uuid(1)}`,
    `9999-99-99_${uuid(1)}`,
    `2025-02-30_${uuid(1)}`,
    '2999-02-30_oslo',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.string({ unit: fc.constantFrom("'", '"', '\\', '%', ':', ';', '-', '\u{1F600}', '\ud800', '\0', ' ') }),
);

test.each(Object.keys(QUERY_PARAMETERS) as RouteName[])(
  '%s answers any parameters, or says what is wrong with them',
  async (route) => {
    const names = Object.keys(QUERY_PARAMETERS[route]!);
    const query = fc.dictionary(fc.constantFrom(...names), value);
    await fc.assert(
      fc.asyncProperty(query, async (parameters) => {
        const failure = await api.ask(route, { id, query: parameters }).catch((error: unknown) => error);
        if (failure instanceof Error) expect(failure).toBeInstanceOf(ProblemError);
        if (failure instanceof ProblemError)
          expect(['parameter-invalid', 'forbidden']).toContain(failure.code);
      }),
      { numRuns: 150 },
    );
  },
);

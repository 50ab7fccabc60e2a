import type pg from 'pg';
import { ANSWERS } from '../../lambdas/api/answers.ts';
import type { HttpEvent } from '../../lambdas/api/callers.ts';
import { HANDLERS } from '../../lambdas/api/handlers.ts';
import { Ledger } from '../../lambdas/api/ledger.ts';
import type { ApiResources } from '../../lambdas/api/resources.ts';
import { API_ROUTES, type RouteName } from '../../lambdas/shared/api-routes.ts';
import { bindParameters } from '../../local/data-api/named-parameters.ts';
import type { TestDatabase } from './test-database.ts';

const [MAX_RESPONSE_BYTES, MAX_ROW_BYTES] = [1_048_576, 65_536];

/** Refuses what the Data API would refuse (RDS user guide, "Limits"). */
function checkSize(rows: string[][]): string[][] {
  const sizes = rows.map((row) =>
    Buffer.byteLength(JSON.stringify(row.map((stringValue) => ({ stringValue })))),
  );
  const size = sizes.reduce((sum, bytes) => sum + bytes, 0);
  if (Math.max(0, ...sizes) > MAX_ROW_BYTES) throw new Error(`a row has ${Math.max(...sizes)} bytes`);
  if (size > MAX_RESPONSE_BYTES) throw new Error(`a response has ${size} bytes`);
  return rows;
}

const SETTINGS = {
  stage: 'test',
  stores: ['bergen', 'oslo'],
  limits: { maxMessageBytes: 1, maxUnpackedMiB: 1, maxRejectedRows: 1 },
  parserRevision: 'r',
  deadlines: [],
};

export interface Ask {
  readonly id?: string;
  /** Stores of the caller. @default all */
  readonly stores?: string;
  readonly query?: Readonly<Record<string, string>>;
}

/** The reading routes of the API on a test database, as `retail_api`. */
export class ApiOnDatabase {
  /** Statements that the routes ran. */
  readonly statements: { readonly text: string; readonly values: unknown[] }[] = [];
  readonly client: pg.Client;
  #resources: ApiResources;

  private constructor(client: pg.Client) {
    this.client = client;
    const rows = async (sql: string, parameters: Readonly<Record<string, string>>) => {
      const given = Object.entries(parameters).map(([name, stringValue]) => ({
        name,
        value: { stringValue },
      }));
      const { sql: text, values } = bindParameters(sql, given);
      this.statements.push({ text, values });
      const { rows: found } = await client.query({ text, values, rowMode: 'array' });
      return checkSize(found as string[][]);
    };
    this.#resources = { ledger: new Ledger({ rows }), settings: SETTINGS } as unknown as ApiResources;
  }

  static async connect(database: TestDatabase): Promise<ApiOnDatabase> {
    return new ApiOnDatabase(await database.connectAs('retail_api'));
  }

  /** Asks a route, and checks that the answer is as the document of the API describes it. */
  async ask<Body>(route: RouteName, { id = '', stores = '*', query = {} }: Ask = {}): Promise<Body> {
    const routeKey = API_ROUTES[route];
    const event: HttpEvent = {
      routeKey,
      rawPath: '',
      headers: {},
      isBase64Encoded: false,
      pathParameters: { id },
      queryStringParameters: query,
      requestContext: { routeKey, requestId: 'r', authorizer: { jwt: { claims: { stores } } } },
    };
    const { body } = await HANDLERS[route](event, this.#resources);
    const answer: unknown = ANSWERS[route].schema.parse(JSON.parse(body));
    return answer as Body;
  }
}

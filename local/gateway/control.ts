import type { IncomingMessage, ServerResponse } from 'node:http';
import { API_PATH } from '../assembly/physical-names.ts';
import { OPERATOR_KEY } from '../iam/access-control.ts';
import type { Authenticate } from './authenticate.ts';
import { type RequestTarget, ServiceError } from './service.ts';

/** Below the path of the APIs, for which browsers have the cookie of a session. No API has such an id. */
export const CONTROL_PATH = `${API_PATH}_local/`;
const DATABASE_PATH = `${CONTROL_PATH}database`;
const ACTIONS = ['stop', 'start'] as const;

/** A part of the local cloud that can be away for a time, as an outage of AWS would have it. */
export interface Stoppable {
  readonly isRunning: boolean;
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/**
 * Answers the requests by which the operator stops and starts the database of this machine: `GET …/database`, `POST
 * …/database/stop` and `POST …/database/start`. AWS has nothing like it.
 */
export class LocalControl {
  #authenticate: Authenticate;
  #database: Stoppable | undefined;

  /** @param database undefined if it is not of this process */
  constructor(authenticate: Authenticate, database: Stoppable | undefined) {
    this.#authenticate = authenticate;
    this.#database = database;
  }

  async handle(incoming: IncomingMessage, url: RequestTarget, response: ServerResponse): Promise<void> {
    const send = (status: number, body: object) =>
      response
        .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
        .end(JSON.stringify(body));
    try {
      const { accessKeyId } = await this.#authenticate(incoming, url, 0);
      if (accessKeyId !== OPERATOR_KEY) return void send(403, { message: 'Only the operator may do this.' });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return void send(403, { message: error.message });
    }
    const action = ACTIONS.find((name) => url.pathname === `${DATABASE_PATH}/${name}`);
    const isRead = incoming.method === 'GET' && url.pathname === DATABASE_PATH;
    if (!isRead && (action === undefined || incoming.method !== 'POST')) {
      return void send(404, {
        message: `The paths are ${DATABASE_PATH}, and after it ${ACTIONS.join(' and ')}.`,
      });
    }
    const database = this.#database;
    if (database === undefined) {
      return void send(409, { message: 'The database was given with --database-url: stop it there.' });
    }
    if (action === 'stop') await database.pause();
    if (action === 'start') await database.resume();
    send(200, { isRunning: database.isRunning });
  }
}

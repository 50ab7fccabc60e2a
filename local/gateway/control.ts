import type { IncomingMessage, ServerResponse } from 'node:http';
import { API_PATH } from '../assembly/physical-names.ts';
import { OPERATOR_KEY } from '../iam/access-control.ts';
import type { Authenticate } from './authenticate.ts';
import { type RequestTarget, ServiceError } from './service.ts';

/** Below the path of the APIs, for which browsers have the cookie of a session. No API has such an id. */
export const CONTROL_PATH = `${API_PATH}_local/`;
const DATABASE_PATH = `${CONTROL_PATH}database`;
const ACTIONS = ['stop', 'start'] as const;
const SCHEDULED_PATH = `${CONTROL_PATH}scheduled/`;

/** A part of the local cloud that can be away for a time, as an outage of AWS would have it. */
export interface Stoppable {
  readonly isRunning: boolean;
  pause(): Promise<void>;
  resume(): Promise<void>;
}

/** The functions that schedules call, which can be called at once. */
export interface ScheduledFunctions {
  readonly names: readonly string[];
  invoke(name: string): Promise<unknown>;
}

interface ControlAnswer {
  readonly status: number;
  readonly body: object;
}

const refuse = (status: number, detail: string): ControlAnswer => ({ status, body: { detail } });

/**
 * Answers the requests by which the operator controls the cloud on this machine: `GET …/database`, `POST
 * …/database/stop` and `POST …/database/start` are about its database, and `POST …/scheduled/<name>` runs a function
 * that a schedule calls, and answers when it has ended.
 */
export class LocalControl {
  #authenticate: Authenticate;
  #database: Stoppable | undefined;
  #scheduled: ScheduledFunctions = { names: [], invoke: async () => undefined };

  /** @param database undefined if it is not of this process */
  constructor(authenticate: Authenticate, database: Stoppable | undefined) {
    this.#authenticate = authenticate;
    this.#database = database;
  }

  serveScheduled(scheduled: ScheduledFunctions): void {
    this.#scheduled = scheduled;
  }

  async handle(incoming: IncomingMessage, url: RequestTarget, response: ServerResponse): Promise<void> {
    const { status, body } = await this.#answer(incoming, url);
    response
      .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(JSON.stringify(body));
  }

  async #answer(incoming: IncomingMessage, url: RequestTarget): Promise<ControlAnswer> {
    try {
      const { accessKeyId } = await this.#authenticate(incoming, url, 0);
      if (accessKeyId !== OPERATOR_KEY) return refuse(403, 'Only the operator may do this.');
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return refuse(403, error.message);
    }
    const isPost = incoming.method === 'POST';
    const name = this.#scheduled.names.find((one) => url.pathname === `${SCHEDULED_PATH}${one}`);
    if (isPost && name !== undefined) return this.#run(name);
    const action = ACTIONS.find((one) => url.pathname === `${DATABASE_PATH}/${one}`);
    const isRead = incoming.method === 'GET' && url.pathname === DATABASE_PATH;
    if (!isRead && (action === undefined || !isPost)) {
      const paths = `${DATABASE_PATH}, after it ${ACTIONS.join(' and ')}, and ${SCHEDULED_PATH}<function>`;
      return refuse(404, `The paths are ${paths}.`);
    }
    const database = this.#database;
    if (database === undefined) {
      return refuse(409, 'The database was given with --database-url: stop it there.');
    }
    if (action === 'stop') await database.pause();
    if (action === 'start') await database.resume();
    return { status: 200, body: { isRunning: database.isRunning } };
  }

  async #run(name: string): Promise<ControlAnswer> {
    // It would wait for the database longer than a browser waits for an answer.
    if (this.#database?.isRunning === false) return refuse(409, 'The database is stopped. Start it first.');
    try {
      await this.#scheduled.invoke(name);
      return { status: 200, body: {} };
    } catch {
      return refuse(500, `The function ${name} failed. Its log says why.`);
    }
  }
}

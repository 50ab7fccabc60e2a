import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

export type Row = Record<string, string | number | null>;

/** The text of a statement with `?` for its parameters, or a template, which has values in these places. */
type Sql = string | TemplateStringsArray;

/** `FULL`: a commit waits for the disk. `NORMAL`: a power failure can undo the last commits, but not a part of one. */
type Durability = 'FULL' | 'NORMAL';

/** A SQLite file with a write-ahead log, which only this process uses. */
export class SqliteFile {
  #db: DatabaseSync;
  #durability: Durability;
  #statements = new Map<string, StatementSync>();

  /** @param durability of transactions that do not choose their own */
  constructor(path: string, schema: string, durability: Durability) {
    this.#db = new DatabaseSync(path);
    this.#durability = durability;
    this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability}; ${schema}`);
  }

  /** Runs a statement. As a tag of a template, it passes the values in the template as parameters. */
  run(sql: Sql, ...values: SQLInputValue[]) {
    return this.#prepare(sql).run(...values);
  }

  all(sql: Sql, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }

  get(sql: Sql, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined;
  }

  /** Carries out all changes of `work` or, if it throws, none. */
  transaction<Result>(work: () => Result, durability = this.#durability): Result {
    this.#db.exec(`PRAGMA synchronous = ${durability}; BEGIN IMMEDIATE`);
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      // SQLite itself has rolled back after some errors, such as a full disk.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    } finally {
      this.#db.exec(`PRAGMA synchronous = ${this.#durability}`);
    }
  }

  close(): void {
    this.#db.close();
  }

  #prepare(source: Sql): StatementSync {
    const sql = typeof source === 'string' ? source : source.join('?');
    const prepared = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

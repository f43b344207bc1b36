// Kysely over node:sqlite: statements are prepared once per SQL text, rows come back as they are. Opens no file itself.
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { Broken } from "#base/errors";

interface Prepared {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
}

// Our own queries come to some two hundred texts; lists of various lengths may add more, and the oldest then goes.
const MAX_STATEMENTS = 1000;

/** One connection with its prepared statements. */
class SqliteConnection implements DatabaseConnection {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, Prepared>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  // What is thrown in here must reject, which an async function does for us.
  // eslint-disable-next-line typescript/require-await
  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { statement, returnsRows } = this.#prepare(query.sql);
    const parameters = query.parameters as readonly SQLInputValue[];
    if (returnsRows) return { rows: statement.all(...parameters) as Row[] };
    const { changes } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes) };
  }

  async *streamQuery<Row>(
    query: CompiledQuery,
    chunkSize: number,
  ): AsyncIterableIterator<QueryResult<Row>> {
    // A statement of its own: the shared one may be stepped by another query between two chunks.
    const rows = this.#db
      .prepare(query.sql)
      .iterate(...(query.parameters as readonly SQLInputValue[]));
    let chunk: Row[] = [];
    for (const row of rows) {
      chunk.push(row as Row);
      if (chunk.length < chunkSize) continue;
      yield { rows: chunk };
      chunk = [];
    }
    if (chunk.length > 0) yield { rows: chunk };
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  close(): void {
    this.#prepared.clear();
    this.#db.close();
  }

  #prepare(sql: string): Prepared {
    const held = this.#prepared.get(sql);
    if (held !== undefined) return held;
    const statement = this.#db.prepare(sql);
    const prepared = { statement, returnsRows: statement.columns().length > 0 };
    if (this.#prepared.size >= MAX_STATEMENTS) {
      const oldest = this.#prepared.keys().next().value;
      if (oldest !== undefined) this.#prepared.delete(oldest);
    }
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

/**
 * Hands out connections one borrower at a time: a query holds one for an instant, a transaction until it ends, so that what
 * happens beside a transaction never happens inside it.
 */
class SqliteDriver implements Driver {
  readonly #open: () => DatabaseSync;
  readonly #most: number;
  readonly #free: SqliteConnection[] = [];
  readonly #all: SqliteConnection[] = [];
  readonly #waiting: ((connection: SqliteConnection) => void)[] = [];

  constructor(open: () => DatabaseSync, most: number) {
    this.#open = open;
    this.#most = most;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#all.length < this.#most) {
      const fresh = new SqliteConnection(this.#open());
      this.#all.push(fresh);
      return fresh;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(own(connection));
    else next(own(connection));
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    own(connection).exec("begin");
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    own(connection).exec("commit");
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    own(connection).exec("rollback");
  }

  async destroy(): Promise<void> {
    for (const connection of this.#all.splice(0)) connection.close();
    this.#free.length = 0;
  }
}

/** Kysely takes SQLite for one connection and would make every reader wait for a read transaction; ours has several. */
class ManyConnections extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** A Kysely whose connections `open` makes, at most `most` of them. The caller destroys it, which closes them. */
export function sqliteKysely<Tables>(open: () => DatabaseSync, most: number): Kysely<Tables> {
  const dialect: Dialect = {
    createAdapter: () => new ManyConnections(),
    createDriver: () => new SqliteDriver(open, most),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
  return new Kysely<Tables>({ dialect });
}

function own(connection: DatabaseConnection): SqliteConnection {
  if (connection instanceof SqliteConnection) return connection;
  throw new Broken("a connection of another driver");
}

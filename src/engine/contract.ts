// What the engine is to the rooms: commands, rooms, migrations, the engine's own functions. Types, and the two functions that make
// a command and an invocation; opens nothing.
import type { Kysely } from "kysely";

/**
 * A named write with plain-data arguments. Its body runs inside one transaction, has no side effects outside it and may be
 * run again after a conflict. Throwing rolls back this command alone; a refusal is a returned value and writes nothing.
 */
export interface Command<Args, Value> {
  readonly name: string;
  readonly body: (tx: Kysely<never>, args: Args) => Promise<Value>;
}

/** A command with its arguments, to be carried out together with others. */
export interface Invocation {
  readonly name: string;
  readonly args: unknown;
}

/** What a room brings: forward-only migrations and the module (a URL) whose exported commands the writer loads. */
export interface Room {
  readonly name: string;
  readonly migrations: readonly Migration[];
  readonly commands: string;
}

export interface Migration {
  readonly name: string;
  /** `types` names the column types of the dialect. */
  readonly up: (db: Kysely<unknown>, types: ColumnTypes) => Promise<void>;
}

export interface ColumnTypes {
  readonly bytes: "blob" | "bytea";
  readonly integer: "integer" | "bigint";
  readonly text: "text";
}

export interface Engine extends AsyncDisposable {
  readonly dialect: "sqlite" | "postgres";
  /**
   * Read-only connections: what a reader sees is what had been committed when the query began. Several queries see one moment
   * inside `reader().transaction().setIsolationLevel("repeatable read")`.
   */
  reader<Tables>(): Kysely<Tables>;
  /**
   * Resolves after the commit that holds the command is on the disk. Commands waiting together share one fsync. Rejects with
   * Broken when the command threw or the commit failed; after a lost connection or a dead writer the command may have been
   * applied all the same, and is never acknowledged.
   */
  write<Args, Value>(command: Command<Args, Value>, args: Args): Promise<Value>;
  /** All or none, in this order, in one transaction; resolves after its commit is on the disk. Values in the same order. */
  writeTogether(invocations: readonly Invocation[]): Promise<readonly unknown[]>;
  /** Bodies too large for a row. */
  readonly blobs: Blobs;
  /**
   * Tells every subscriber of a channel, in this process and (PostgreSQL) in the others. News is a hint, not a record: a process
   * that was away has missed it. At most 4,000 bytes, no content: PostgreSQL shows it to every session.
   */
  announce(channel: string, payload: string): void;
  subscribe(channel: string, listener: (payload: string) => void): Disposable;
}

export interface Blobs {
  /** Resolves once the bytes and the name are on the disk. Writing the same id again replaces it. */
  put(id: string, bytes: Uint8Array): Promise<void>;
  get(id: string): Promise<Uint8Array | undefined>;
  /** Resolves once the name is gone from the disk; deleting what is not there is no error. */
  remove(id: string): Promise<void>;
}

export interface EngineSettings {
  /** Where the database file stands (SQLite) and, unless `blobsFolder` says otherwise, the blobs. Made with mode 0700. */
  readonly folder: string;
  /** postgres://…; SQLite in the folder when undefined. */
  readonly databaseUrl?: string | undefined;
  readonly blobsFolder?: string | undefined;
  readonly rooms: readonly Room[];
}

/** Defines a command. `Tables` is the room's schema. */
export function command<Tables, Args, Value>(
  name: string,
  body: (tx: Kysely<Tables>, args: Args) => Promise<Value>,
): Command<Args, Value> {
  return { name, body: body as unknown as Command<Args, Value>["body"] };
}

export function invoke<Args, Value>(command: Command<Args, Value>, args: Args): Invocation {
  return { name: command.name, args };
}

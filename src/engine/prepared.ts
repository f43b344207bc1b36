// Hot queries: built once with the typed builder, then run again and again with other values. Building and compiling a small
// query costs more than SQLite needs to carry it out.
import type { Compilable, CompiledQuery, Kysely } from "kysely";

/** Stands in a query for a value that each run brings. */
class Slot {
  readonly name: PropertyKey;

  constructor(name: PropertyKey) {
    this.name = name;
  }
}

/** A query with its values missing: runs on a reader or inside a command, gives the rows. */
export type Prepared<Tables, Values, Row> = (
  db: Kysely<Tables>,
  values: Values,
) => Promise<readonly Row[]>;

/**
 * `build` is called once per open database, with a slot for each value that it takes from `slots`. The shape of the query must not
 * depend on the values; where a value may be null it must stand where null is a value (`values`, `set`), not in a comparison.
 */
export function prepared<Tables, Values extends object, Row>(
  build: (db: Kysely<Tables>, slots: Values) => Compilable<Row>,
): Prepared<Tables, Values, Row> {
  const compiled = new WeakMap<object, CompiledQuery<Row>>();
  return async (db, values) => {
    // A reader and the transactions opened from it share the adapter, and nothing else does.
    const { adapter } = db.getExecutor();
    let query = compiled.get(adapter);
    if (query === undefined) {
      const slots = new Proxy({}, { get: (_, name) => new Slot(name) }) as Values;
      query = build(db, slots).compile();
      compiled.set(adapter, query);
    }
    const parameters = query.parameters.map((value) =>
      value instanceof Slot ? values[value.name as keyof Values] : value,
    );
    return (await db.executeQuery<Row>({ ...query, parameters })).rows;
  };
}

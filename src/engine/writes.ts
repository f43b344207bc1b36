// What the caller's thread and the writer's thread say to each other, and the copying of arguments between them.
import { Broken } from "#base/errors";
import type { Invocation } from "./contract.ts";

/** Carried out as one: all or none. */
export interface Write {
  readonly id: number;
  readonly invocations: readonly Invocation[];
}

export type ToWriter =
  | { readonly kind: "write"; readonly writes: readonly Write[] }
  | { readonly kind: "close" };

export type Outcome =
  | { readonly id: number; readonly ok: true; readonly values: readonly unknown[] }
  | { readonly id: number; readonly ok: false; readonly error: Failure };

export interface Failure {
  readonly message: string;
  readonly stack: string;
}

export type FromWriter =
  | { readonly kind: "ready" }
  | { readonly kind: "outcomes"; readonly outcomes: readonly Outcome[] };

/** What the writer is started with. */
export interface WriterStart {
  readonly path: string;
  readonly modules: readonly string[];
}

/**
 * Plain data with every byte array copied into memory of its own, which is added to `moved` for transfer. A structured clone
 * would copy the whole pool that a small Buffer is a slice of. Throws Broken on what is no plain data.
 */
export function movable(value: unknown, moved: ArrayBuffer[]): unknown {
  if (typeof value === "function" || typeof value === "symbol")
    throw new Broken("arguments of a command are plain data");
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) {
    const copy = new Uint8Array(value);
    moved.push(copy.buffer);
    return copy;
  }
  if (Array.isArray(value)) return value.map((item) => movable(item, moved));
  if (Object.getPrototypeOf(value) !== Object.prototype)
    throw new Broken("arguments of a command are plain data");
  const copy: { [key: string]: unknown } = {};
  for (const [key, item] of Object.entries(value)) copy[key] = movable(item, moved);
  return copy;
}

export function failureOf(error: unknown): Failure {
  return error instanceof Error
    ? { message: error.message, stack: error.stack ?? error.message }
    : { message: String(error), stack: String(error) };
}

export function errorOf(failure: Failure): Error {
  const error = new Error(failure.message);
  error.stack = failure.stack;
  return error;
}

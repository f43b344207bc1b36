// Calls over the keeper's socket: one frame is {id, method, args} and its answer {id, value} or {id, broken}. Bytes inside
// arguments and values travel as attachments; in the JSON {"#": n} stands for the n-th. Never decides who may call what.
import type { Frame } from "#base/frames";

export interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type Answer =
  | { readonly id: number; readonly value: unknown }
  /** The keeper's own log has the rest under this id. */
  | { readonly id: number; readonly broken: string };

export function toFrame(message: Call | Answer): Frame {
  const attachments: Uint8Array[] = [];
  return { body: pack(message, attachments), attachments };
}

/** Undefined when the frame holds no call. */
export function readCall(frame: Frame): Call | undefined {
  const { id, method, args } = fields(frame);
  return typeof id === "number" && typeof method === "string" && Array.isArray(args)
    ? { id, method, args }
    : undefined;
}

/** Undefined when the frame holds no answer. */
export function readAnswer(frame: Frame): Answer | undefined {
  const { id, value, broken } = fields(frame);
  if (typeof id !== "number") return undefined;
  return typeof broken === "string" ? { id, broken } : { id, value };
}

function fields(frame: Frame): { [name: string]: unknown } {
  const body = unpack(frame.body, frame.attachments);
  return typeof body === "object" && body !== null ? { ...body } : {};
}

function pack(value: unknown, attachments: Uint8Array[]): unknown {
  if (value instanceof Uint8Array) return { "#": attachments.push(value) - 1 };
  if (Array.isArray(value)) return value.map((item) => pack(item, attachments));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, pack(item, attachments)]);
  return Object.fromEntries(entries);
}

function unpack(value: unknown, attachments: readonly Uint8Array[]): unknown {
  if (Array.isArray(value)) return value.map((item) => unpack(item, attachments));
  if (typeof value !== "object" || value === null) return value;
  const number: unknown = "#" in value ? value["#"] : undefined;
  if (typeof number === "number") return attachments[number];
  const entries = Object.entries(value).map(([key, item]) => [key, unpack(item, attachments)]);
  return Object.fromEntries(entries);
}

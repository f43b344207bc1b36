// A place in a tree of threads (RFC 5256 §3), how places are linked, and which comes first.
import type { BaseSubject } from "#mail/message";

export interface Threadable {
  /** As it is told: message number or UID. */
  readonly told: number;
  /** Message number: breaks ties of the date. */
  readonly number: number;
  readonly sentAt: number;
  readonly subject: BaseSubject;
  /** Undefined where the message has none, or none that is valid. */
  readonly id: string | undefined;
  /** Oldest first. */
  readonly references: readonly string[];
}

/** A place in a tree; `message` is absent for a dummy: an id that somebody refers to and nobody has. */
export interface Node {
  readonly message: Threadable | undefined;
  parent: Node | undefined;
  /** In the order in which they were linked, until they are sorted. */
  children: Set<Node>;
}

export const dummy = (): Node => ({ message: undefined, parent: undefined, children: new Set() });

export function link(parent: Node, child: Node): void {
  unlink(child);
  child.parent = parent;
  parent.children.add(child);
}

export function unlink(child: Node): void {
  child.parent?.children.delete(child);
  child.parent = undefined;
}

export function earlierMessage(a: Threadable, b: Threadable): number {
  return a.sentAt - b.sentAt || a.number - b.number;
}

/** By sent date; a dummy by its earliest child. */
export function earlier(a: Node, b: Node): number {
  const [first, second] = [leading(a), leading(b)];
  if (first === undefined || second === undefined) return 0;
  return earlierMessage(first, second);
}

/** The message that stands for a thread: its head, or the earliest child of a dummy, which has messages only below it. */
export function leading(node: Node): Threadable | undefined {
  if (node.message !== undefined) return node.message;
  let first: Threadable | undefined;
  for (const { message } of node.children)
    if (message !== undefined && (first === undefined || earlierMessage(message, first) < 0))
      first = message;
  return first;
}

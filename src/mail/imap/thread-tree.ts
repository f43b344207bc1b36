// Messages in threads (RFC 5256 §3), by subject alone or by what each refers to. Pure, and without recursion, since a thread may be as
// deep as a folder has messages.
import { sortText } from "#mail/message";
import {
  dummy,
  earlier,
  earlierMessage,
  link,
  type Node,
  type Threadable,
  unlink,
} from "./thread-node.ts";
import { gathered } from "./thread-subjects.ts";

// A fifth of a second or so. Threads that people write are some tens deep: a folder of a million messages uses less.
const MAX_STEPS = 50_000_000;

/** The threads of "poor man's threading": same base subject, and the first by date leads. */
export function byOrderedSubject(messages: readonly Threadable[]): readonly Node[] {
  const threads = new Map<string, Threadable[]>();
  for (const message of messages) {
    const base = sortText(message.subject.base);
    const known = threads.get(base);
    if (known === undefined) threads.set(base, [message]);
    else known.push(message);
  }
  const heads = [...threads.values()].map((thread): Node => {
    const [first, ...rest] = thread.toSorted(earlierMessage);
    const head: Node = { message: first, parent: undefined, children: new Set() };
    for (const message of rest) link(head, { message, parent: undefined, children: new Set() });
    return head;
  });
  return heads.sort(earlier);
}

/** The threads of REFERENCES; the steps are those of RFC 5256 §3. */
export function byReferences(messages: readonly Threadable[]): readonly Node[] {
  const ordered = messages.toSorted((a, b) => a.number - b.number);
  const roots = pruned(linked(ordered)); // steps 1 to 3
  const threads = gathered(roots.sort(earlier)); // steps 4 and 5
  return sorted(threads); // step 6
}

/** Step 1: every message and every id that was referred to, linked parent to child. Gives those without a parent (step 2). */
function linked(messages: readonly Threadable[]): Node[] {
  const byId = new Map<string, Node>();
  const nodes: Node[] = messages.map((message) => {
    const node: Node = { message, parent: undefined, children: new Set() };
    // Only the first message with an id has it; any other stands for itself.
    if (message.id !== undefined && !byId.has(message.id)) byId.set(message.id, node);
    return node;
  });
  const dummies: Node[] = [];
  const isAbove = openAncestry();
  const find = (id: string): Node => {
    const known = byId.get(id);
    if (known !== undefined) return known;
    const made = dummy();
    byId.set(id, made);
    dummies.push(made);
    return made;
  };
  for (const node of nodes) {
    let before: Node | undefined;
    for (const id of node.message?.references ?? []) {
      const each = find(id);
      if (before !== undefined && each.parent === undefined && !isAbove(each, before))
        link(before, each);
      before = each;
    }
    unlink(node);
    if (before !== undefined && !isAbove(node, before)) link(before, node);
  }
  return [...nodes, ...dummies].filter(({ parent }) => parent === undefined);
}

/**
 * Tells whether `above` is `node` or one of its ancestors. All walks of one THREAD together are bounded; when that is used up the
 * answer is yes, and a reference that may close a ring is passed over.
 */
function openAncestry(): (above: Node, node: Node) => boolean {
  let steps = MAX_STEPS;
  return (above, node) => {
    // What has nothing below it is above nobody: so it is with messages in the order in which they were written.
    if (above.children.size === 0) return above === node;
    for (let at: Node | undefined = node; at !== undefined; at = at.parent) {
      steps -= 1;
      if (at === above || steps < 0) return true;
    }
    return false;
  };
}

/** Step 3: dummies go, their children take their places; at the top only an only child does. */
function pruned(roots: readonly Node[]): Node[] {
  const waiting = [...roots];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    adoptBelow(node);
    for (const child of node.children) waiting.push(child);
  }
  return roots.flatMap((root) => {
    if (root.message !== undefined) return [root];
    const [only] = root.children;
    if (only === undefined) return [];
    if (root.children.size > 1) return [root];
    unlink(only);
    return [only];
  });
}

/** Makes the nearest messages below a node its children; a dummy on the way is passed once. */
function adoptBelow(node: Node): void {
  if (node.children.values().every(({ message }) => message !== undefined)) return;
  const found = new Set<Node>();
  const waiting = [...node.children];
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    if (each.message === undefined) for (const child of each.children) waiting.push(child);
    else {
      each.parent = node;
      found.add(each);
    }
  }
  node.children = found;
}

function depthFirst(roots: readonly Node[]): Node[] {
  const out: Node[] = [];
  const waiting = [...roots];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    out.push(node);
    for (const child of node.children) waiting.push(child);
  }
  return out;
}

/** The children of every node by date, the youngest set first; then the threads themselves. */
function sorted(threads: readonly Node[]): readonly Node[] {
  for (const node of depthFirst(threads).reverse())
    if (node.children.size > 1) node.children = new Set([...node.children].sort(earlier));
  return threads.toSorted(earlier);
}

/** As THREAD tells it (RFC 5256 §5): a chain stands in a row, what branches in brackets. */
export function formatThreads(threads: readonly Node[]): string {
  const out: string[] = [];
  const waiting: (Node | ")")[] = [...threads].reverse();
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    if (each === ")") {
      out.push(")");
      continue;
    }
    out.push("(");
    waiting.push(")");
    let node = each;
    if (node.message !== undefined) out.push(String(node.message.told));
    while (node.children.size === 1) {
      const [only] = node.children;
      if (only === undefined) break;
      node = only;
      out.push(` ${node.message?.told ?? ""}`);
    }
    if (node.children.size > 1) {
      if (node.message !== undefined) out.push(" ");
      for (const child of [...node.children].reverse()) waiting.push(child);
    }
  }
  return out.join("");
}

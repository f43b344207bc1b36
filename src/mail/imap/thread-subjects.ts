// Step 5 of threading by references (RFC 5256 §3): threads whose heads have the same base subject become one.
import { sortText } from "#mail/message";
import { dummy, leading, link, type Node } from "./thread-node.ts";

/** The threads in their order, those of one subject gathered where the one in the subject table stands. */
export function gathered(threads: readonly Node[]): readonly Node[] {
  const table = subjectTable(threads);
  const out = new Set(threads);
  for (const thread of threads) {
    const subject = subjectOf(thread);
    if (subject === "") continue;
    const held = table.get(subject);
    if (held === undefined || held === thread) continue;
    out.delete(thread);
    if (held.message === undefined) {
      if (thread.message === undefined) for (const child of thread.children) link(held, child);
      else link(held, thread);
      continue;
    }
    // Only a message that no dummy and no less of a reply outdid is held, so a reply goes below it…
    if (thread.message?.subject.isReply === true && !held.message.subject.isReply) {
      link(held, thread);
      continue;
    }
    // …and two of a kind stand beside each other.
    const both = dummy();
    link(both, held);
    link(both, thread);
    out.delete(held);
    out.add(both);
    table.set(subject, both);
  }
  return [...out];
}

function subjectTable(threads: readonly Node[]): Map<string, Node> {
  const table = new Map<string, Node>();
  for (const thread of threads) {
    const subject = subjectOf(thread);
    if (subject === "") continue;
    const held = table.get(subject);
    const better =
      held?.message !== undefined &&
      (thread.message === undefined ||
        (held.message.subject.isReply && !thread.message.subject.isReply));
    if (held === undefined || better) table.set(subject, thread);
  }
  return table;
}

/** As it is compared, whatever its case. */
function subjectOf(thread: Node): string {
  return sortText(leading(thread)?.subject.base ?? "");
}

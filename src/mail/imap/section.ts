// Which octets a section of FETCH means: from the structure's offsets, without parsing anything (RFC 9051 §6.4.5.1).
import { type ParsedMessage, type Part, selectHeader } from "#mail/message";
import type { Partial, Section } from "./command.ts";

/** The part at a path of numbers; undefined when there is none. The empty path has no part. */
export function findPart(root: Part, path: readonly number[]): Part | undefined {
  let part: Part | undefined;
  // A message that is not multipart has one part, number 1: its body.
  let children: readonly Part[] = childrenOfMessage(root);
  for (const number of path) {
    part = children[number - 1];
    if (part === undefined) return undefined;
    children =
      part.type === "multipart"
        ? part.parts
        : part.message === null
          ? []
          : childrenOfMessage(part.message.root);
  }
  return part;
}

function childrenOfMessage(root: Part): readonly Part[] {
  return root.type === "multipart" ? root.parts : [root];
}

/** The section's octets; undefined (NIL) when the message has no such part. Only the whole is found without a structure. */
export function sectionBytes(
  message: ParsedMessage | undefined,
  bytes: Uint8Array,
  section: Section,
): Uint8Array | undefined {
  const { path, text } = section;
  if (path.length === 0 && text === "") return bytes;
  if (message === undefined) return undefined;
  if (path.length === 0) {
    return withinMessage(message.root, bytes, section);
  }
  const part = findPart(message.root, path);
  if (part === undefined) return undefined;
  if (text === "") return bytes.subarray(part.bodyStart, part.bodyEnd);
  if (text === "MIME") return bytes.subarray(part.headerStart, part.bodyStart);
  return part.message === null ? undefined : withinMessage(part.message.root, bytes, section);
}

function withinMessage(root: Part, bytes: Uint8Array, { text, fields }: Section): Uint8Array {
  const { headerStart, bodyStart, bodyEnd } = root;
  if (text === "TEXT") return bytes.subarray(bodyStart, bodyEnd);
  if (text === "HEADER") return bytes.subarray(headerStart, bodyStart);
  return selectHeader(bytes, headerStart, bodyStart, fields, text === "HEADER.FIELDS.NOT");
}

export function partialBytes(bytes: Uint8Array, partial: Partial | undefined): Uint8Array {
  if (partial === undefined) return bytes;
  return bytes.subarray(partial.offset, partial.offset + partial.count);
}

// LIST, LSUB and XLIST as a pure function of the folders (RFC 9051 §6.3.9, RFC 5258, RFC 6154): names, patterns, attributes.
import type { Folder, Role } from "#store";
import type { ListCommand } from "./command.ts";
import { DELIMITER } from "./names.ts";

export interface Listed {
  readonly name: string;
  readonly attributes: readonly string[];
  /** RECURSIVEMATCH found subscribed folders below this one. */
  readonly childInfo: boolean;
  readonly folder: Folder | undefined;
}

const useOf: { readonly [role in Role]: string | undefined } = {
  inbox: undefined,
  drafts: "\\Drafts",
  sent: "\\Sent",
  trash: "\\Trash",
  junk: "\\Junk",
  archive: "\\Archive",
};

/** The role that a special-use attribute asks for (RFC 6154 §2); undefined for those that we have no folder for. */
export function roleOf(attribute: string): Role | undefined {
  const lower = attribute.toLowerCase();
  const found = Object.entries(useOf).find(([, use]) => use?.toLowerCase() === lower);
  return found?.[0] as Role | undefined;
}

/** Whether a name matches a pattern: "*" is anything, "%" anything within one level. Linear in name times pattern. */
export function matchesPattern(pattern: string, name: string): boolean {
  // reachable[i]: the pattern so far can have eaten the first i characters of the name.
  let reachable: boolean[] = [true];
  for (const character of pattern.replace(/[*%]*\*[*%]*/g, "*").replace(/%+/g, "%")) {
    const next: boolean[] = [];
    let open = false;
    for (let at = 0; at <= name.length; at++) {
      if (character === "*" || character === "%") {
        open ||= reachable[at] === true;
        if (open) next[at] = true;
        if (character === "%" && name[at] === DELIMITER) open = false;
      } else if (at > 0 && reachable[at - 1] === true && name[at - 1] === character)
        next[at] = true;
    }
    if (next.length === 0) return false;
    reachable = next;
  }
  return reachable[name.length] === true;
}

/** INBOX matches in any case. */
function matches(patterns: readonly string[], name: string): boolean {
  return patterns.some(
    (pattern) =>
      matchesPattern(pattern, name) ||
      (name === "INBOX" && matchesPattern(pattern.toUpperCase(), name)),
  );
}

/** Every name with its folder, and every level above it, INBOX first and then by name. */
function hierarchy(folders: readonly Folder[]): Map<string, Folder | undefined> {
  const names = new Map<string, Folder | undefined>();
  for (const folder of folders) {
    const levels = folder.name.split(DELIMITER);
    for (let depth = 1; depth < levels.length; depth++) {
      const above = levels.slice(0, depth).join(DELIMITER);
      if (!names.has(above)) names.set(above, undefined);
    }
    names.set(folder.name, folder);
  }
  const first = (name: string): number => (name === "INBOX" ? 0 : 1);
  return new Map(
    [...names].sort(([a], [b]) => first(a) - first(b) || (a < b ? -1 : a > b ? 1 : 0)),
  );
}

/** `patterns` with the reference already in front. */
export function listFolders(
  folders: readonly Folder[],
  command: Pick<ListCommand, "name" | "select" | "returns">,
  patterns: readonly string[],
  rev2: boolean,
): readonly Listed[] {
  const { name: verb, select } = command;
  const names = hierarchy(folders);
  const parents = new Set<string>();
  for (const name of names.keys()) {
    const end = name.lastIndexOf(DELIMITER);
    if (end > 0) parents.add(name.slice(0, end));
  }
  const subscribedOnly = verb === "LSUB" || select.includes("SUBSCRIBED");
  const wanted = (folder: Folder | undefined): boolean =>
    (!subscribedOnly || folder?.subscribed === true) &&
    (!select.includes("SPECIAL-USE") ||
      (folder !== undefined && useOf[folder.role ?? "inbox"] !== undefined));
  const selects = subscribedOnly || select.includes("SPECIAL-USE");
  const recursive = select.includes("RECURSIVEMATCH") || verb === "LSUB";
  const above = new Set<string>();
  if (selects && recursive) {
    for (const [name, folder] of names) {
      // LSUB shows a level only for what its "%" hides below (RFC 3501 §6.3.9).
      if (!wanted(folder) || (verb === "LSUB" && matches(patterns, name))) continue;
      for (
        let end = name.lastIndexOf(DELIMITER);
        end > 0;
        end = name.lastIndexOf(DELIMITER, end - 1)
      )
        above.add(name.slice(0, end));
    }
  }
  const listed: Listed[] = [];
  for (const [name, folder] of names) {
    if (!matches(patterns, name)) continue;
    const chosen = wanted(folder);
    const childInfo = above.has(name);
    if (!chosen && !childInfo) continue;
    const attributes =
      verb === "LSUB"
        ? chosen
          ? []
          : ["\\Noselect"]
        : attributesOf(folder, parents.has(name), command, rev2);
    listed.push({ name, attributes, childInfo: childInfo && verb === "LIST", folder });
  }
  return listed;
}

function attributesOf(
  folder: Folder | undefined,
  hasChildren: boolean,
  { name: verb, select, returns }: Pick<ListCommand, "name" | "select" | "returns">,
  rev2: boolean,
): string[] {
  const attributes: string[] = [];
  if (folder === undefined)
    attributes.push(...(rev2 ? ["\\NonExistent"] : ["\\NonExistent", "\\Noselect"]));
  attributes.push(hasChildren ? "\\HasChildren" : "\\HasNoChildren");
  if (
    folder?.subscribed === true &&
    (select.includes("SUBSCRIBED") || returns.includes("SUBSCRIBED"))
  )
    attributes.push("\\Subscribed");
  const use = folder?.role === undefined ? undefined : useOf[folder.role];
  if (use !== undefined) attributes.push(use);
  if (verb === "XLIST" && folder?.role === "inbox") attributes.push("\\Inbox");
  return attributes;
}

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

/** What a name stands for: a folder, a subscription that outlived one, or a level above others. */
interface Entry {
  readonly folder: Folder | undefined;
  readonly subscribed: boolean;
}

function levelsAbove(name: string): string[] {
  const levels: string[] = [];
  for (let end = name.lastIndexOf(DELIMITER); end > 0; end = name.lastIndexOf(DELIMITER, end - 1))
    levels.push(name.slice(0, end));
  return levels;
}

/** Every name there is, and every level above it, INBOX first and then by name. */
function hierarchy(
  folders: readonly Folder[],
  orphans: readonly string[],
): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const name of orphans) entries.set(name, { folder: undefined, subscribed: true });
  for (const folder of folders) entries.set(folder.name, { folder, subscribed: folder.subscribed });
  // What is set here stands under no name that is missing yet, so going over it as well does no harm.
  for (const name of entries.keys())
    for (const above of levelsAbove(name))
      if (!entries.has(above)) entries.set(above, { folder: undefined, subscribed: false });
  const first = (name: string): number => (name === "INBOX" ? 0 : 1);
  return new Map(
    [...entries].sort(([a], [b]) => first(a) - first(b) || (a < b ? -1 : a > b ? 1 : 0)),
  );
}

/** Names that have a folder below them; a subscription without one is no child (RFC 5258 §5, example 10). */
function parentsOf(folders: readonly Folder[]): ReadonlySet<string> {
  return new Set(folders.flatMap(({ name }) => levelsAbove(name)));
}

type Options = Pick<ListCommand, "name" | "select" | "returns" | "extended">;

/**
 * What a LIST, LSUB or XLIST answers, in order. `patterns` come with the reference already in front, `orphans` are subscribed names
 * that no folder has.
 */
export function listFolders(
  folders: readonly Folder[],
  options: Options,
  patterns: readonly string[],
  rev2: boolean,
  orphans: readonly string[] = [],
): readonly Listed[] {
  const { name: verb, select } = options;
  const entries = hierarchy(folders, orphans);
  const parents = parentsOf(folders);
  const isChosen = criterion(options);
  // Below these is something chosen, and below those something chosen that the patterns do not show.
  const above = new Set<string>();
  const hidden = new Set<string>();
  for (const [name, entry] of entries) {
    if (!isChosen(entry)) continue;
    const shown = matches(patterns, name);
    for (const level of levelsAbove(name)) {
      above.add(level);
      if (!shown) hidden.add(level);
    }
  }
  const recursive = select.includes("RECURSIVEMATCH") || verb === "LSUB";
  const selects = verb === "LSUB" || select.some((option) => option !== "REMOTE");
  const listed: Listed[] = [];
  for (const [name, entry] of entries) {
    if (!matches(patterns, name)) continue;
    const chosen = isChosen(entry);
    // A name that was not asked for stands only for what is below it and would not be seen (RFC 5258 §3.3, §3.5). Where nothing
    // selects, so does a level that is no folder (example 11; RFC 9051 §6.3.9).
    const stands = hidden.has(name) && (selects ? recursive : entry.folder === undefined);
    if (!chosen && !stands) continue;
    const attributes =
      verb === "LSUB"
        ? chosen
          ? []
          : ["\\Noselect"]
        : attributesOf(entry, parents.has(name), options, rev2 || options.extended);
    const childInfo = verb === "LIST" && select.includes("RECURSIVEMATCH") && above.has(name);
    listed.push({ name, attributes, childInfo, folder: entry.folder });
  }
  return listed;
}

/** What NOTIFY tells of one name: attributes as by RETURN (SUBSCRIBED CHILDREN), whether a folder is there or not (RFC 5465 §5.4). */
export function listName(
  folders: readonly Folder[],
  name: string,
  orphans: readonly string[] = [],
): Listed {
  const folder = folders.find((each) => each.name === name);
  const subscribed = folder === undefined ? orphans.includes(name) : folder.subscribed;
  const options: Options = {
    name: "LIST",
    select: [],
    returns: ["SUBSCRIBED", "CHILDREN"],
    extended: true,
  };
  const attributes = attributesOf(
    { folder, subscribed },
    parentsOf(folders).has(name),
    options,
    true,
  );
  return { name, attributes, childInfo: false, folder };
}

/** Which names the selection options choose; without any, those that are folders. */
function criterion({ name: verb, select }: Options): (entry: Entry) => boolean {
  const subscribed = verb === "LSUB" || select.includes("SUBSCRIBED");
  const special = select.includes("SPECIAL-USE");
  return (entry) =>
    (!subscribed || entry.subscribed) &&
    (!special || useOf[entry.folder?.role ?? "inbox"] !== undefined) &&
    (subscribed || entry.folder !== undefined);
}

// Names that XLIST had for them before RFC 6154 gave them others.
const xlistNames: { readonly [role in Role]?: string } = { inbox: "\\Inbox", junk: "\\Spam" };

function attributesOf(
  { folder, subscribed }: Entry,
  hasChildren: boolean,
  { name: verb, select, returns }: Options,
  knowsNonExistent: boolean,
): string[] {
  const attributes: string[] = [];
  // It implies \Noselect (RFC 5258 §3), which who does not know it must be told.
  if (folder === undefined)
    attributes.push(...(knowsNonExistent ? ["\\NonExistent"] : ["\\NonExistent", "\\Noselect"]));
  attributes.push(hasChildren ? "\\HasChildren" : "\\HasNoChildren");
  if (subscribed && (select.includes("SUBSCRIBED") || returns.includes("SUBSCRIBED")))
    attributes.push("\\Subscribed");
  const role = folder?.role;
  const use = role && useOf[role];
  if (use !== undefined) attributes.push(use);
  const old = verb === "XLIST" && role !== undefined ? xlistNames[role] : undefined;
  if (old !== undefined) attributes.push(old);
  return attributes;
}

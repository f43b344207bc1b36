// Lists of tag=value as DKIM, DMARC and their DNS records write them (RFC 6376 §3.2).

/** Each tag's first value, without white space around it. Total: what is no tag is left out. */
export function tagList(text: string): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const part of text.split(";")) {
    const equals = part.indexOf("=");
    const name = part.slice(0, Math.max(0, equals)).trim();
    if (name !== "" && !tags.has(name)) tags.set(name, part.slice(equals + 1).trim());
  }
  return tags;
}

// The commands that rooms bring, by name: every export of a room's module that has the shape of a command.
import type { Kysely } from "kysely";
import { Broken } from "#base/errors";

type Body = (tx: Kysely<never>, args: unknown) => Promise<unknown>;

export type Registry = ReadonlyMap<string, Body>;

/** Loads the modules. Throws Broken when one cannot be loaded or two commands share a name. */
export async function loadCommands(modules: readonly string[]): Promise<Registry> {
  const registry = new Map<string, Body>();
  for (const url of modules) {
    const exported = (await import(url)) as { readonly [name: string]: unknown };
    for (const value of Object.values(exported)) {
      if (!isCommand(value)) continue;
      const held = registry.get(value.name);
      if (held !== undefined && held !== value.body)
        throw new Broken(`two commands are named ${value.name}`);
      registry.set(value.name, value.body);
    }
  }
  return registry;
}

/** The body of a command. Throws Broken for a name that no room brought. */
export function bodyOf(registry: Registry, name: string): Body {
  const body = registry.get(name);
  if (body === undefined) throw new Broken(`no room brought a command named ${name}`);
  return body;
}

function isCommand(value: unknown): value is { readonly name: string; readonly body: Body } {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "body" in value &&
    typeof value.body === "function"
  );
}

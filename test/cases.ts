// The disclosure desk by the command line, as the people who work there use it: one call for each thing that they do.
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Example, exampleOf, type Options, runJson } from "./grants.ts";
import type { House } from "./house.ts";

type Shell = Pick<House, "data" | "run">;

/** A command's answer: what it said when it was refused, its value when not. */
export interface Said {
  readonly ok: boolean;
  readonly refusal: string;
  readonly why: string;
  readonly value: { readonly [name: string]: unknown };
}

export interface Cases {
  readonly keys: Example["keys"];
  readonly people: Options;
  run(words: readonly string[], options?: Options): Promise<Said>;
  /** The same, and it must not be refused. */
  done(words: readonly string[], options?: Options): Promise<Said["value"]>;
  /** Takes a request in, calls back, and has approver-2 determine it. Gives the case's id. */
  determined(request: Options, words: string): Promise<string>;
  /** Drafts and files a grant; refused at either, it says so. */
  file(draft: Options): Promise<Said & { readonly hash: string }>;
  approve(hash: string): Promise<void>;
  /** Releases it and opens the package as its recipient; gives the folder. */
  release(hash: string): Promise<string>;
  /** A line for --demand determination=…, by approver-1. */
  determination(about: Options): Promise<string>;
}

export function casesOf(house: House | Shell): Cases {
  const shell = house as House;
  const { keys, people } = exampleOf(shell);
  let count = 0;
  const fresh = (name: string): string => join(shell.data, `${name}-${(count += 1)}`);
  const run: Cases["run"] = async (words, options = {}) => {
    const { code, value } = await runJson(shell, words, options);
    const fields = (value ?? {}) as { readonly [name: string]: unknown };
    const text = (name: string): string => {
      const field = fields[name];
      return typeof field === "string" ? field : "";
    };
    const why = [
      text("why"),
      text("refused"),
      text("said"),
      JSON.stringify(fields["mistakes"] ?? ""),
    ];
    return { ok: code === 0, refusal: text("refusal"), why: why.join(" "), value: fields };
  };
  const done: Cases["done"] = async (words, options) => {
    const said = await run(words, options);
    assert.ok(said.ok, `${words.join(" ")}: ${said.refusal} ${said.why}`);
    return said.value;
  };
  return {
    keys,
    people,
    run,
    done,
    async determined(request, words) {
      const made = await done(["case", "new"], { ...request, key: keys.operator });
      const id = made["id"] as string;
      const note = "called the number in the public register; the clerk confirmed it";
      await done(["case", "step", id, "authenticated"], { note });
      const options = { verdict: "valid", note: words, key: keys.approver2 };
      await done(["case", "determine", id], options);
      return id;
    },
    async file(draft) {
      const out = fresh("draft.json");
      const drafted = await run(["grant", "draft"], { ...people, ...draft, out });
      if (!drafted.ok) return { ...drafted, hash: "" };
      const filed = await run(["grant", "file", out], { key: keys.operator });
      return { ...filed, hash: drafted.value["hash"] as string };
    },
    async approve(hash) {
      for (const key of [keys.approver1, keys.approver2])
        await done(["approve", "sign", hash], { key });
    },
    async release(hash) {
      const file = fresh("package");
      const out = fresh("opened");
      await done(["grant", "release", hash], { out: file });
      const ledger = join(shell.data, "ledger");
      await done(["grant", "open", file], { hash, key: keys.recipient, out, ledger });
      return out;
    },
    async determination(about) {
      const made = await done(["approve", "determine"], { ...about, key: keys.approver1 });
      return made["determination"] as string;
    },
  };
}

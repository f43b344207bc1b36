// Every pair of class and purpose, and of class and ground, written out a second time and by hand: the compiler must take exactly
// the calls that are marked here, and the vault must open exactly those at run time. Widening the policy's table fails here first.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromUtf8 } from "#base/bytes";
import { classes, type DataClass, dataClasses, type Ground, grounds, type Purpose } from "#policy";
import { type Context, newBoxKeyPair, type Opener, openOpener, openSealer } from "#vault";

const y = true;
const n = false;

declare const opener: Opener;
/** Whether the compiler takes `opener.open(a context of the class, the purpose, …)`. */
type Opens<C extends DataClass, P> = P extends Parameters<typeof opener.open<C>>[1] ? true : false;
/** Whether it takes `opener.openOnGround(a context of the class, the ground, …)`. */
type Reaches<C extends DataClass, G extends Ground> =
  Context<C> extends Parameters<typeof opener.openOnGround<G>>[0] ? true : false;

const purposes = [
  "analyse-traffic",
  "improve-content",
  "facilitate-interaction",
  "establish-service",
  "support-relationship",
  "process-payment",
  "provide-service",
  "transmit-and-deliver",
  "authenticate",
  "operate",
  "handle-case",
  "own",
] as const;
type PurposeRow<C extends DataClass, All extends readonly unknown[]> = {
  readonly [At in keyof All]: Opens<C, All[At]>;
};

const opens = {
  visit: [y, y, n, n, n, n, n, n, n, n, n, n],
  cookie: [n, n, y, n, n, n, n, n, n, n, n, n],
  contact: [n, n, n, y, y, n, n, n, n, n, n, y],
  payment: [n, n, n, n, n, y, n, n, n, n, n, y],
  standing: [n, n, n, n, y, n, y, n, n, n, n, y],
  clientlog: [n, n, n, n, y, n, y, n, n, n, n, y],
  content: [n, n, n, n, n, n, n, y, n, n, n, y],
  rule: [n, n, n, n, n, n, n, y, n, n, n, y],
  credential: [n, n, n, n, n, n, n, n, y, n, n, y],
  staff: [n, n, n, n, n, n, n, n, n, y, n, n],
  case: [n, n, n, n, n, n, n, n, n, n, y, n],
} as const satisfies { readonly [C in DataClass]: PurposeRow<C, typeof purposes> };

const onGrounds = ["support", "D1", "D2", "E1", "E2", "E3", "E4", "A"] as const;
type GroundRow<C extends DataClass, All extends readonly Ground[]> = {
  readonly [At in keyof All]: Reaches<C, All[At]>;
};

const reaches = {
  visit: [n, n, n, n, n, n, n, n],
  cookie: [n, n, n, n, n, n, n, n],
  contact: [y, y, y, n, n, n, n, n],
  payment: [n, n, y, n, n, n, n, n],
  standing: [y, y, y, n, n, n, n, n],
  clientlog: [y, y, y, n, n, n, n, n],
  content: [n, n, n, y, y, y, y, y],
  rule: [n, n, n, n, n, n, n, n],
  credential: [n, n, n, n, n, n, n, n],
  staff: [n, n, n, n, n, n, n, n],
  case: [n, n, n, n, n, n, n, n],
} as const satisfies { readonly [C in DataClass]: GroundRow<C, typeof onGrounds> };

test("each class opens for the purposes marked here and for no other, by the compiler and by the vault", () => {
  // No purpose is missing from the columns.
  const listed = dataClasses.flatMap((name): readonly Purpose[] => classes[name].purposes);
  assert.deepEqual([...new Set(listed)].sort(), [...purposes].sort());
  for (const name of dataClasses) {
    opens[name].forEach((isListed, at) => {
      const purpose: string = purposes[at] ?? "";
      assert.equal(
        tried(name, (context, key, sealed) => key.open(context, purpose as never, sealed)),
        isListed,
        `${name} for ${purpose}`,
      );
    });
  }
});

test("each ground reaches the classes marked here and no other, by the compiler and by the vault", () => {
  assert.deepEqual(Object.keys(grounds).sort(), [...onGrounds].sort());
  for (const name of dataClasses) {
    reaches[name].forEach((isReached, at) => {
      const ground = onGrounds[at] ?? "A";
      assert.equal(
        tried(name, (context, key, sealed) => key.openOnGround(context as never, ground, sealed)),
        isReached,
        `${name} on ${ground}`,
      );
    });
  }
});

/** Whether an object of the class opens so; anything but the right text or the right refusal fails. */
function tried(
  name: DataClass,
  attempt: (context: Context, key: Opener, sealed: Uint8Array) => ReturnType<Opener["open"]>,
): boolean {
  const context = { class: name, client: "c", account: "a", object: "o", part: "p" };
  const sealed = openSealer(pair.publicKey).seal(context, fromUtf8("words"));
  const opened = attempt(context, own, sealed);
  if (opened.ok) assert.equal(Buffer.from(opened.value).toString(), "words");
  else assert.equal(opened.refusal, "purpose-not-listed");
  return opened.ok;
}

const pair = newBoxKeyPair();
const own = openOpener(pair.secretKey);

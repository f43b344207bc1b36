// A session's view of its folder: told step by step, a mail program that believes every word ends where the folder is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as always, boolean, integer, property, record } from "fast-check";
import type { Placement } from "#store";
import { forget, indexOf, learn, type View } from "./view.ts";

const placement = (uid: number, modseq: number): Placement => ({
  uid,
  messageId: `m${uid}`,
  size: 1,
  receivedAt: 0,
  savedAt: 0,
  flags: 0,
  keywords: [],
  modseq,
});

interface Model {
  placements: Placement[];
  tombstones: { uid: number; modseq: number }[];
  modseq: number;
  uidNext: number;
}

const step = record({
  add: integer({ min: 0, max: 3 }),
  touch: integer({ min: 0, max: 9 }),
  remove: integer({ min: 0, max: 9 }),
  look: boolean(),
  mayForget: boolean(),
});

function change(
  model: Model,
  { add, touch, remove }: { add: number; touch: number; remove: number },
): void {
  model.modseq += 1;
  for (let each = 0; each < add; each += 1) {
    model.placements.push(placement(model.uidNext, model.modseq));
    model.uidNext += 1;
  }
  const touched = model.placements[touch];
  if (touched !== undefined) model.placements[touch] = { ...touched, modseq: model.modseq };
  const [removed] = model.placements.splice(remove, 1);
  if (removed !== undefined) model.tombstones.push({ uid: removed.uid, modseq: model.modseq });
}

test("whatever happened between two looks, numbers told one by one lead to the folder as it is", () => {
  always(
    property(array(step, { maxLength: 30 }), (steps) => {
      const model: Model = { placements: [], tombstones: [], modseq: 1, uidNext: 1 };
      let view: View = { placements: [], modseq: 1, gone: new Set() };
      const believed: number[] = [];
      const look = (mayForget: boolean): void => {
        const news = learn(view, {
          placements: model.placements.filter(({ modseq }) => modseq > view.modseq),
          vanished: model.tombstones
            .filter(({ modseq }) => modseq > view.modseq)
            .map(({ uid }) => uid),
          highestModseq: model.modseq,
        });
        view = news.view;
        if (mayForget) {
          const told = forget(view);
          view = told.view;
          for (const number of told.numbers) believed.splice(number - 1, 1);
        }
        for (const { uid } of news.added)
          if (indexOf(view.placements, uid) >= 0) believed.push(uid);
        assert.deepEqual(
          believed,
          view.placements.map(({ uid }) => uid),
        );
      };
      for (const each of steps) {
        change(model, each);
        if (each.look) look(each.mayForget);
      }
      look(true);
      assert.deepEqual(view.placements, model.placements);
    }),
  );
});

// What a list does to a letter: its own fields in front, those of others out, the rest octet for octet.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as check, property, string, uint8Array } from "fast-check";
import { headerFields } from "#mail/message";
import { listPrefix, loops, withoutListFields } from "./header.ts";

const list = {
  name: "club",
  domain: "example.org",
  title: "Der Klub für Grüße",
  leaveLink: "https://example.org/list/m/t",
  leaveAddress: "club-leave+t@example.org",
};

test("a reader's copy names the list, the way out by one click, and the owner for what fails", () => {
  const arrived = "Return-Path: <bob@example.org>\r\nReceived: by example.org;\r\n\tnow\r\n";
  const lines = Buffer.from(listPrefix(list, Buffer.from(arrived))).toString();
  assert.match(
    lines,
    /^Return-Path: <club-owner@example\.org>\r\nReceived: by example\.org;\r\n\tnow\r\n/,
  );
  const unfolded = lines.replaceAll("\r\n ", " ");
  assert.match(unfolded, /^List-Id: =\?utf-8\?B\?\S+\?= <club\.example\.org>\r$/m);
  assert.match(unfolded, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
  assert.match(
    unfolded,
    /^List-Unsubscribe: <https:\/\/example\.org\/list\/m\/t>, <mailto:club-leave\+t@example\.org>\r$/m,
  );
  assert.doesNotMatch(lines, /bob@example/);
  const trial = { ...list, leaveLink: "http://localhost:8080/list/m/t" };
  assert.doesNotMatch(Buffer.from(listPrefix(trial, Buffer.from(""))).toString(), /One-Click/);
});

test("a title cannot make a field of its own", () => {
  check(
    property(string({ unit: "binary", maxLength: 80 }), (title) => {
      const prefix = listPrefix(
        { ...list, title: `${title}\r\nBcc: x@example.net` },
        Buffer.from(""),
      );
      const names = [...headerFields(prefix, 0, prefix.byteLength)].map(({ name }) => name);
      assert.deepEqual(names, [
        "return-path",
        "sender",
        "list-id",
        "list-post",
        "list-owner",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "precedence",
      ]);
    }),
  );
});

test("other lists' fields go, folded ones too, and every other octet stays", () => {
  const raw =
    "Subject: a\r\nLIST-Id: x\r\n <b>\r\nlist-post: y\r\nSender: z\r\nX-List-Id: q\r\nPrecedence: bulk\r\nTo: b\r\n\r\nList-Id: body\r\n";
  assert.equal(
    Buffer.from(withoutListFields(Buffer.from(raw))).toString(),
    "Subject: a\r\nX-List-Id: q\r\nTo: b\r\n\r\nList-Id: body\r\n",
  );
  check(
    property(uint8Array({ maxLength: 500 }), (bytes) => {
      const once = withoutListFields(bytes);
      assert.ok(once.byteLength <= bytes.byteLength);
    }),
  );
});

test("reports, absence notes and the list's own letters go round no further", () => {
  const letter = (field: string) => Buffer.from(`${field}\r\nSubject: x\r\n\r\nx\r\n`);
  assert.equal(loops(list, "", letter("A: b")), "automatic");
  assert.equal(loops(list, "a@b", letter("Auto-Submitted: auto-replied")), "automatic");
  assert.equal(loops(list, "a@b", letter("Auto-Submitted: no")), undefined);
  assert.equal(loops(list, "a@b", letter('List-Id: "The" <CLUB.example.org>')), "came from here");
  assert.equal(loops(list, "a@b", letter("List-Id: <other.example.org>")), undefined);
});

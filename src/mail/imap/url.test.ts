// IMAP URLs of messages: total over any octets, and read as RFC 5092 has them.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  array,
  assert as always,
  constantFrom,
  oneof,
  property,
  string,
  uint8Array,
} from "fast-check";
import { parseMessageUrl } from "./url.ts";

test("whatever comes, it is a URL of a message or it is not", () => {
  const word = constantFrom(
    "/",
    ";UID=",
    "1",
    ";SECTION=",
    "HEADER",
    "%",
    "4a",
    ";PARTIAL=",
    ".",
    "a",
  );
  always(property(uint8Array(), (octets) => void parseMessageUrl(octets, "a/b")));
  always(
    property(array(oneof(word, string({ maxLength: 3 }))), (words) => {
      const url = parseMessageUrl(Buffer.from(words.join("")));
      assert.ok(url === undefined || (url.uid > 0 && url.folder !== undefined));
    }),
  );
});

test("a relative path stands beside the selected folder, an absolute one on its own", () => {
  const folderOf = (text: string, selected?: string) => {
    const url = parseMessageUrl(Buffer.from(text), selected);
    return url === undefined ? "none" : (url.folder ?? "selected");
  };
  assert.deepEqual(
    ["/x/;UID=1", "x/;UID=1", "x/y/;uid=1", ";UID=1", "/;UID=1"].map((text) =>
      folderOf(text, "a/b"),
    ),
    ["x", "a/x", "a/x/y", "selected", "selected"],
  );
  assert.deepEqual(
    ["/x/;UID=1", "x/;UID=1", ";UID=1", "/a%2Fb/;UID=1", "/a//;UID=1"].map((text) =>
      folderOf(text),
    ),
    ["x", "x", "none", "a/b", "a"],
  );
});

test("sections and partials are read; what is not a message is none", () => {
  const url = parseMessageUrl(
    Buffer.from("/a;UIDVALIDITY=5/;UID=7/;SECTION=1.2.HEADER.FIELDS%20(A%20b)/;PARTIAL=3.4"),
  );
  assert.deepEqual(url, {
    folder: "a",
    uidValidity: 5,
    uid: 7,
    section: { path: [1, 2], text: "HEADER.FIELDS", fields: ["a", "b"] },
    partial: { offset: 3, count: 4 },
  });
  for (const wrong of [
    "",
    "/a",
    "/a/",
    "/a/;UID=0",
    "/a/;UID=x",
    "/a/;UID=1/;SECTION=0",
    "/a/;UID=1;EXPIRE=x",
  ])
    assert.equal(parseMessageUrl(Buffer.from(wrong)), undefined, wrong);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as always, property, uint8Array } from "fast-check";
import {
  equalBytes,
  fromBase64,
  fromBase64Url,
  fromHex,
  lengthPrefixed,
  toBase64,
  toBase64Url,
  toHex,
  toUtf8,
} from "#base/bytes";
import { base32, isId, newId } from "#base/ids";

test("bytes come back from each of their spellings", () => {
  always(
    property(uint8Array(), (bytes) => {
      for (const back of [
        fromHex(toHex(bytes)),
        fromBase64(toBase64(bytes)),
        fromBase64Url(toBase64Url(bytes)),
      ]) {
        assert.ok(back !== undefined && equalBytes(back, bytes));
      }
    }),
  );
});

test("lax base64 is refused: no padding, stray bits, white space, the other alphabet", () => {
  for (const text of ["YQ", "YR==", "YQ==\n", " YQ==", "-_8=", "YQ===", "Y"])
    assert.equal(fromBase64(text), undefined, text);
  for (const text of ["YQ==", "YR", "+/8"]) assert.equal(fromBase64Url(text), undefined, text);
  for (const text of ["AB", "a", "0x", "zz"]) assert.equal(fromHex(text), undefined, text);
});

test("bytes that are not UTF-8 have no text", () => {
  assert.equal(toUtf8(Buffer.of(0xff)), undefined);
  assert.equal(toUtf8(Buffer.of(0xc0, 0x80)), undefined);
});

test("no two lists of fields give the same bytes", () => {
  assert.notDeepEqual(lengthPrefixed(["ab", "c"]), lengthPrefixed(["a", "bc"]));
  assert.notDeepEqual(lengthPrefixed(["a"]), lengthPrefixed(["a", ""]));
});

test("base32 agrees with RFC 4648 section 10, and an id has 26 of its letters", () => {
  assert.equal(base32(Buffer.from("foobar")), "mzxw6ytboi");
  assert.equal(base32(Buffer.from("foob")), "mzxw6yq");
  assert.ok(isId(newId()));
  assert.notEqual(newId(), newId());
});

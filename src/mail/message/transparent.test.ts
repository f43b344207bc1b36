// Messages with NUL: written so that no NUL is left, and every part's content is what it was.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as always, property, uint8Array } from "fast-check";
import { decodeTransfer, parseMessage, withoutNul } from "./message.ts";

test("a part of any octets has the same content after it was written without NUL", () => {
  always(
    property(uint8Array({ maxLength: 300 }), (content) => {
      const head = "Subject: x\r\nContent-Transfer-Encoding: binary\r\n\r\n";
      const bytes = Buffer.concat([Buffer.from(head), content]);
      const written = withoutNul(bytes, parseMessage(bytes).root);
      assert.ok(written !== undefined && !written.includes(0));
      const { root } = parseMessage(written);
      const body = written.subarray(root.bodyStart, root.bodyEnd);
      assert.deepEqual(
        Buffer.from(decodeTransfer(body, root.encoding) ?? []),
        Buffer.from(content),
      );
    }),
  );
});

test("only the part that holds a NUL is touched, and a NUL in a header cannot be kept", () => {
  const parts = (one: string, two: string) =>
    Buffer.from(
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n${one}\r\n--b\r\nX-Own: 1\r\nContent-Transfer-Encoding:\r\n 8bit\r\nX-Two: 2\r\n\r\n${two}\r\n--b--\r\n`,
    );
  const plain = parts("one", "two");
  assert.equal(withoutNul(plain, parseMessage(plain).root), plain);
  const binary = parts("one", "t\0o");
  const written = Buffer.from(withoutNul(binary, parseMessage(binary).root) ?? []).toString();
  const expected = parts("one", "dABv").toString();
  assert.equal(
    written,
    expected.replace("Content-Transfer-Encoding:\r\n 8bit", "Content-Transfer-Encoding: base64"),
  );
  for (const bad of ["Subject: a\0b\r\n\r\nx", "Content-Transfer-Encoding: base64\r\n\r\na\0b"]) {
    const bytes = Buffer.from(bad);
    assert.equal(withoutNul(bytes, parseMessage(bytes).root), undefined);
  }
});

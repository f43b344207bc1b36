import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import {
  decodeAccountKeys,
  encodeAccountKeys,
  newAccountKeys,
  passwordKeys,
  tokenKeys,
  unwrapSecret,
  wrapSecret,
} from "#vault";

const cheap = { memory: 1024, passes: 1 };

test("a secret wrapped under a password's key comes back with the password and not with another", async () => {
  const salt = randomBytes(16);
  const secret = randomBytes(128);
  const right = await passwordKeys("correct horse", salt, cheap);
  const wrong = await passwordKeys("correct hors", salt, cheap);
  const wrapped = wrapSecret(right.wrapKey, ["account", "a"], secret);
  assert.deepEqual(unwrapSecret(right.wrapKey, ["account", "a"], wrapped), secret);
  assert.equal(unwrapSecret(wrong.wrapKey, ["account", "a"], wrapped), undefined);
  assert.equal(unwrapSecret(right.wrapKey, ["account", "b"], wrapped), undefined);
  assert.equal(unwrapSecret(right.verifier, ["account", "a"], wrapped), undefined);
});

test("a password typed in another Unicode form is the same password", async () => {
  const salt = randomBytes(16);
  const composed = await passwordKeys("caf\u00e9", salt, cheap);
  const decomposed = await passwordKeys("cafe\u0301", salt, cheap);
  assert.deepEqual(composed, decomposed);
});

test("a bundle of account keys survives its encoding, and its public halves are computed, not believed", () => {
  const keys = newAccountKeys();
  assert.deepEqual(decodeAccountKeys(encodeAccountKeys(keys)), {
    ...keys,
    ...decodeAccountKeys(encodeAccountKeys(keys)),
  });
  assert.deepEqual(
    Buffer.from(decodeAccountKeys(encodeAccountKeys(keys))?.boxPublic ?? []),
    Buffer.from(keys.boxPublic),
  );
  assert.equal(decodeAccountKeys(randomBytes(127)), undefined);
  const token = tokenKeys(randomBytes(32));
  assert.notDeepEqual(token.verifier, token.wrapKey);
});

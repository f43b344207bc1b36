// What the staff's room promises to others: the types of its front door. Holds no code.
import type { Result } from "#base/errors";

/** A person at the staff desk. It opens what was written to the provider; there is no way from here to a client's session or mail. */
export interface DeskSession {
  /** Hash of the token, names the session. */
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** A part of a case: what `seal` was given; undefined when it is not that part of that object, or not sealed to this desk. */
  open(object: string, part: string, sealed: Uint8Array): Uint8Array | undefined;
}

export interface Desk {
  /**
   * Sees to it that the desk has a password and a key: makes the password in a file (mode 0600) at the first start, and has the
   * keeper certify the key. Returns whether they were made now. A lost file is answered by deleting nothing and telling nobody.
   */
  ensure(passwordFile: string): Promise<boolean>;
  signIn(
    password: string,
    peer: string,
  ): Promise<Result<{ readonly token: string; readonly expires: number }, "wrong" | "too-many">>;
  resume(token: string): Promise<DeskSession | undefined>;
  end(token: string): Promise<void>;
  /**
   * Seals a part of a case (class case) to the desk's key. `object` is the case's id, `part` its piece: both are bound. Needs no
   * secret. Throws Broken when the key in the database is not the one that the keeper certified: what came in is then not taken.
   */
  seal(object: string, part: string, bytes: Uint8Array): Promise<Uint8Array>;
}

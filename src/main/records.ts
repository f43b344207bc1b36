// Signed records of the desks, from the operator's hand to the keeper and to what they say: first the entry in the ledger, then the
// act. Each desk brings what its types come to; one that is not in the table is recorded and nothing else happens.
import { Broken } from "#base/errors";
import { type CaseRecord, type Keeper, parseRecord, type RecordType } from "#keeper";

/** A record whose entry is written. */
interface Recorded<Type extends RecordType = RecordType> {
  readonly record: Extract<CaseRecord, { readonly type: Type }>;
  /** Of its entry, which may have been written by an earlier call whose answer was lost: what is done must bear being done again. */
  readonly index: number;
  /** What the signer noted; it stays with the desk. */
  readonly note: string;
}

interface Act<Type extends RecordType> {
  /** Asked before the entry is written: why it cannot be carried out, or undefined. */
  readonly check?: (
    record: Extract<CaseRecord, { readonly type: Type }>,
    note: string,
  ) => Promise<string | undefined>;
  /** Asked once the entry stands: in words, that it was carried out before. Then nothing is done again. */
  readonly wasDone?: (
    record: Extract<CaseRecord, { readonly type: Type }>,
  ) => Promise<string | undefined>;
  /** Says in words what was done. */
  readonly carryOut: (recorded: Recorded<Type>) => Promise<string>;
}

/** By the record's type, what the server carries out. */
export type RecordActs = { readonly [Type in RecordType]?: Act<Type> };

type Done =
  | {
      readonly ok: true;
      readonly value: { readonly index: number; readonly did: string };
    }
  | { readonly ok: false; readonly refusal: string; readonly why: string };

/** Takes a record and its signature, hands both to the keeper, and carries out what it says. */
export function fitRecords(
  keeper: Pick<Keeper, "recordCase">,
  acts: RecordActs,
): (record: Uint8Array, signature: Uint8Array, note: string) => Promise<Done> {
  return async (bytes, signature, note) => {
    const form = parseRecord(bytes);
    if (!form.ok) return form;
    const { record } = form;
    // One record has one type: the act of its type takes it.
    const act = acts[record.type] as Act<RecordType> | undefined;
    const why = await act?.check?.(record, note);
    const ruled =
      why === undefined
        ? await keeper.recordCase(bytes, signature)
        : ({ ok: false, refusal: "not-now", why } as const);
    // A refusal is never carried out, "duplicate" no more than another: no entry says what this record says. The very same record
    // handed in again has its entry, and gets its index.
    if (!ruled.ok) return ruled;
    const { index } = ruled.value;
    if (act === undefined) return { ok: true, value: { index, did: "nothing more is to be done" } };
    try {
      const before = await act.wasDone?.(record);
      if (before !== undefined) return { ok: true, value: { index, did: before } };
      return { ok: true, value: { index, did: await act.carryOut({ record, index, note }) } };
    } catch (error) {
      throw new Broken("a record was written and not carried out; hand it in again", error);
    }
  };
}

// Puts the keeper together: root, ledger and journal, keystore, day keys, staff, grants. In its own process by process.ts;
// tests open it in theirs, with a clock of their own. There is no setting for the clock.
import { randomBytes } from "node:crypto";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { logBroken } from "#base/log";
import { type Clock, MINUTE, SECOND, systemClock } from "#base/time";
import { openLog } from "#ledger";
import { policyDigest, policyDocument } from "#policy";
import { openOpener } from "#vault";
import { type CarriedPolicy, enterPolicy, openAmendments } from "./amend.ts";
import { openBook } from "./book.ts";
import { openCertifier } from "./certify.ts";
import type { KeeperPlace } from "./client.ts";
import { openKeystore } from "./clients.ts";
import { openDayKeys } from "./daykeys.ts";
import { openErasure } from "./erase.ts";
import { beginLedger } from "./genesis.ts";
import { openGrants } from "./grants.ts";
import { openHouseKeys } from "./housekeys.ts";
import { openInterceptions } from "./interceptions.ts";
import { openLooks } from "./looks.ts";
import { openMatches } from "./matches.ts";
import { openNotices } from "./notices.ts";
import { openOwn } from "./own.ts";
import type { Keeper } from "./port.ts";
import { openRecords } from "./records.ts";
import { endWaiting, openReleases, settleReleases } from "./release.ts";
import { refused } from "./rules.ts";
import { openResets } from "./reset.ts";
import { openRotation } from "./rotate.ts";
import { openStanding } from "./standing.ts";
import { enrolPerson } from "./staff.ts";
import { openClassKeys, openRoot } from "./root.ts";
import { openUnderway } from "./underway.ts";
import { openWitnesses, readSeen, readWitnessPolicy } from "./witnesses.ts";

const SUMMARY_MS = 5 * MINUTE;

/** Opens the keeper in this process. Throws Broken when another one has the folder, or when what it holds does not fit together. */
export async function openKeeper(
  place: KeeperPlace & { readonly clock?: Clock; readonly policy?: CarriedPolicy },
): Promise<Keeper> {
  const { folder, publishedFolder, origin, publishSeconds, clock = systemClock } = place;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  await using opening = new AsyncDisposableStack();
  const root = await openRoot(folder);
  const newSeed = (): Uint8Array => randomBytes(32);
  const signingSecret = await root.secret("log", newSeed);
  const log = opening.use(
    await openLog(join(folder, "ledger"), {
      origin,
      signingSecret,
      seen: await readSeen(place.seenFolder),
    }),
  );
  const journalKey = await root.secret("journal", newSeed);
  const coverKey = await root.secret("covers", newSeed);
  const witnessPolicy = await readWitnessPolicy(folder, log.verifierKey);
  const isSteady = witnessPolicy !== undefined;
  const book = opening.use(
    await openBook(folder, { log, journalKey, coverKey, publishedFolder, clock, isSteady }),
  );
  const classKeys = openClassKeys(root);
  const certifier = openCertifier(await root.secret("certificate", newSeed));
  const { certify } = certifier;
  await root.tidy();
  const enrolOpener = openOpener(await root.secret("enrol", newSeed));
  const parts = { book, classKeys, certify };
  const keystore = await openKeystore(folder, { ...parts, enrolOpener });
  const dayKeys = await openDayKeys(folder, parts);
  await beginLedger(folder, origin, book);
  const { policy = { digest: policyDigest, document: policyDocument() } } = place;
  await enterPolicy(book, publishedFolder, policy);
  const witnesses = await openWitnesses({ policy: witnessPolicy, publishedFolder, book, log });
  await settleReleases(book, witnesses);
  const grants = openGrants(book, keystore);
  const houseKeys = openHouseKeys({ book, root, certify });
  const rotation = openRotation({ book, root, classKeys, keystore, dayKeys });
  const own = openOwn({ book, keystore, dayKeys });
  const underway = openUnderway();
  const standing = openStanding({ book, keystore, underway });
  const erase = openErasure({ book, keystore, underway, summarise: () => standing.summarise() });
  const interceptions = openInterceptions({
    book,
    keystore,
    underway,
    certifier,
    witnesses,
  });
  const publishAll = async (): Promise<{ readonly size: number }> => {
    await interceptions.endOverdue();
    return book.publish();
  };
  const publish = (): Promise<void> => quietly("keeper-publish", publishAll);
  void publish();
  const tidy = async (): Promise<void> => {
    await quietly("keeper-summary", () => own.summarise());
    await quietly("keeper-standing", () => standing.summarise());
    await quietly("keeper-waiting", () => endWaiting(book, witnesses, underway));
    await quietly("keeper-retention", () => dayKeys.expireKeys());
    await quietly("keeper-rotation", () => rotation.rotateClasses());
  };
  const beats = [
    setInterval(() => void publish(), publishSeconds * SECOND),
    setInterval(() => void tidy(), SUMMARY_MS),
  ];
  const stack = opening.move();
  return {
    hello: async () => ({
      origin,
      logVerifierKey: log.verifierKey,
      certificateKey: certifier.publicKey,
      enrolKey: enrolOpener.publicKey,
      policy: policyDigest,
    }),
    enrol: (enrolment) => keystore.enrol(enrolment),
    async certifyAddress(binding) {
      // RFC 5321 §4.5.3.1: 64 octets, the sign, 255 octets.
      const isAddress = /^[^@\s]+@[^@\s]+$/u.test(binding.address) && binding.address.length <= 320;
      if (!isAddress) return refused("malformed", "that is no address");
      const enrolled = await keystore.find(binding.client);
      if (enrolled?.account !== binding.account)
        return refused("unknown-client", "no such client and account are enrolled");
      return { ok: true, value: { ...binding, signature: certifier.signAddress(binding) } };
    },
    dayKeys: (day) => dayKeys.dayKeys(day),
    queueKeys: () => dayKeys.queueKeys(),
    destroyQueueKey: (day) => dayKeys.destroyQueueKey(day),
    expireKeys: () => dayKeys.expireKeys(),
    own: (request, objects) => own.open(request, objects),
    looks: openLooks(book, own),
    fileGrant: grants.fileGrant,
    showGrant: grants.showGrant,
    listGrants: grants.listGrants,
    approveGrant: grants.approveGrant,
    release: openReleases({ book, keystore, dayKeys, underway, witnesses }),
    people: async () => [...book.state.people.values()],
    enrolPerson: (request, approvals) => enrolPerson(book, request, approvals),
    ...houseKeys,
    rotateRoot: () => rotation.rotateRoot(),
    amendPolicy: openAmendments(book, publishedFolder),
    standing: standing.open,
    erase,
    recordCase: openRecords({ book, keystore }),
    matchReport: openMatches({ book, keystore, underway }),
    intercept: interceptions.intercept,
    interceptions: interceptions.interceptions,
    endInterception: interceptions.endInterception,
    ...openNotices(book, keystore),
    publish: () => publishAll(),
    ...openResets({ book, keystore, underway, witnesses }),
    witnessing: witnesses.witnessing,
    cosigned: witnesses.cosigned,
    async [Symbol.asyncDispose]() {
      for (const beat of beats) clearInterval(beat);
      await tidy();
      await publish();
      await stack.disposeAsync();
    },
  };
}

/** What happens by itself has nobody to tell: it is logged, and tried again at the next beat. */
async function quietly(event: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    logBroken(event, error);
  }
}

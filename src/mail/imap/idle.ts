// IDLE (RFC 9051 §6.3.13): news as they happen, until DONE.
import { SIGNED_IN_TIMEOUT } from "./limits.ts";
import { endWhereOff } from "./access.ts";
import { tellWatched, tellWithFresh } from "./notify.ts";
import { bad, ok, type Reply, type Session, tell } from "./session.ts";

export async function idle(session: Session): Promise<Reply> {
  const { io } = session;
  io.out.text("+ idling\r\n");
  await tellWithFresh(session, true);
  const until = performance.now() + SIGNED_IN_TIMEOUT;
  for (;;) {
    const event = io.reader.next();
    if (event !== undefined) {
      const done = event.kind === "command" && /^done$/i.test(event.bytes.toString("latin1"));
      if (event.kind !== "command") session.over = true;
      return done ? ok("Done") : bad("Expected DONE");
    }
    if (!io.open() || session.over) return ok("Done");
    if (session.dirty) {
      await tellWithFresh(session, true);
      continue;
    }
    await tellWatched(session);
    await endWhereOff(session);
    if (session.over) return ok("Done");
    io.out.flush();
    const left = until - performance.now();
    if (left <= 0) {
      tell(session, "BYE Idle for too long");
      session.over = true;
      return ok("Done");
    }
    await io.event(Math.min(left, session.house.recheck));
  }
}

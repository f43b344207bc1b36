// Single lines that a command waits for: AUTHENTICATE's response and IDLE's DONE.
import type { Session } from "./session.ts";

/** The next line as latin1; undefined when time ran out, the peer left, or what came is no line. */
export async function nextLine(session: Session, timeout: number): Promise<string | undefined> {
  const { io } = session;
  for (;;) {
    const event = io.reader.next();
    if (event?.kind === "command") return event.bytes.toString("latin1");
    if (event !== undefined) {
      session.over = true;
      return undefined;
    }
    if (!io.open()) return undefined;
    io.out.flush();
    if ((await io.event(timeout)) === "timeout") {
      session.over = true;
      return undefined;
    }
  }
}

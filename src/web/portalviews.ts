// How a page is put into the client's portal: in its frame, with what the keeper opened for the client or the word that it is away.
import { logBroken } from "#base/log";
import type { Html } from "./layout.ts";
import { type Opened, portalFrame } from "./pages/portal.ts";
import type { View } from "./views.ts";

export function portalPage(path: string, title: string, body: Html): View {
  return { title, body: portalFrame(path, body) };
}

/** What the keeper opened, or undefined (and a line in the log) when it is away. */
export async function opened<Value>(asked: Promise<Value>): Promise<Opened<Value>> {
  try {
    return { value: await asked };
  } catch (error) {
    logBroken("web: the keeper did not open what a client asked for", error);
    return undefined;
  }
}

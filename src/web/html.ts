// The type of escaped markup, apart from the frame so that texts can use it too.
import type { html } from "hono/html";

/** Escaped markup. */
export type Html = ReturnType<typeof html>;

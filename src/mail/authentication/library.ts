// mailauth, its four parts that need no network of their own, loaded with the first letter that is examined (a tenth of a second).
// Its front door is not used: it would bring the loaders of brand logos, which fetch from the web.
import type { arc } from "mailauth/lib/arc/index.js";
import type { dkimVerify } from "mailauth/lib/dkim/verify.js";
import type { evaluateDmarc } from "mailauth/lib/dmarc/index.js";
import type { spf } from "mailauth/lib/spf/index.js";

export interface Library {
  readonly arc: typeof arc;
  readonly dkimVerify: typeof dkimVerify;
  readonly evaluateDmarc: typeof evaluateDmarc;
  readonly spf: typeof spf;
}

export async function loadLibrary(): Promise<Library> {
  const [arcPart, dkimPart, dmarcPart, spfPart] = await Promise.all([
    import("mailauth/lib/arc/index.js"),
    import("mailauth/lib/dkim/verify.js"),
    import("mailauth/lib/dmarc/index.js"),
    import("mailauth/lib/spf/index.js"),
  ]);
  return {
    arc: arcPart.arc,
    dkimVerify: dkimPart.dkimVerify,
    evaluateDmarc: dmarcPart.evaluateDmarc,
    spf: spfPart.spf,
  };
}

// What anybody may read and write about harm: the terms of use, and the form for a report. Pure.
import { html } from "hono/html";
import { terms, termsDigest } from "#policy";
import { type Fields, type Mistakes, field, summary } from "../forms.ts";
import type { Html } from "../layout.ts";

export function termsPage(): Html {
  return html`<h1>Terms of use</h1>
    <p class="lede">
      What the service is not for. A decision about something of yours cites one of these clauses,
      or says that it cites none, which is counted apart.
    </p>
    ${terms.map(
      (section) =>
        html`<h2 id="${section.id}">${section.id}. ${section.title}</h2>
          <dl class="facts">
            ${section.clauses.map(
              (clause) =>
                html`<div id="clause-${clause.id}">
                  <dt>${clause.id}</dt>
                  <dd>${clause.words}</dd>
                </div>`,
            )}
          </dl>`,
    )}
    <p class="quiet">
      Digest of this version: <code>${termsDigest}</code>.
      <a href="/terms.json">The same as JSON</a>. Something breaks them?
      <a href="/report">Report it</a>.
    </p>`;
}

export function reportPage(values: Fields, mistakes: Mistakes): Html {
  return html`<div class="narrow">
    <h1>Report a message</h1>
    <p class="lede">
      Something that came from here, or is kept here, does harm? Tell us. We do not look through
      anybody’s mail: your copy of the message is what tells us which one it is.
    </p>
    ${summary(mistakes)}
    <form method="post" action="/report" enctype="multipart/form-data">
      ${field({ name: "what", label: "What is wrong with it?", lines: 4 }, values, mistakes)}
      ${field(
        {
          name: "about",
          label: "Which address of ours is it about?",
          hint: "Where the message does not say it itself.",
          optional: true,
        },
        values,
        mistakes,
      )}
      <div class="field">
        <label for="file">The message, as a file</label>
        <p class="hint" id="file-hint">
          “Save as” in your mail program gives it, with all its header lines.
        </p>
        <input id="file" name="file" type="file" aria-describedby="file-hint" />
      </div>
      ${field(
        {
          name: "copy",
          label: "Or paste it here, header and all",
          lines: 6,
          optional: true,
        },
        values,
        mistakes,
      )}
      ${field(
        {
          name: "contact",
          label: "How can we reach you?",
          hint: "Leave it empty to report without a name.",
          optional: true,
        },
        values,
        mistakes,
      )}
      <div class="actions"><button>Report it</button></div>
    </form>
    <p class="quiet">
      Programs may send reports in the Abuse Reporting Format (RFC 5965) to abuse@ at our domain.
      Many reports of one thing are one report: they block nobody by their number.
    </p>
  </div>`;
}

export function reportedPage(id: string): Html {
  return html`<div class="narrow">
    <h1>Thank you</h1>
    <p class="note" role="status">
      Your report is with the abuse desk, sealed to it. Its number: <code>${id}</code>
    </p>
    <p>
      A person reads it. They compare your copy with what is kept, decide by our
      <a href="/terms">terms of use</a>, and tell whom it is about, with reasons and a way to
      appeal.
    </p>
  </div>`;
}

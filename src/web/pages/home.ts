// The page that a provider puts in front of people: what this mail service does, and how anybody can check it. Pure.
import { html } from "hono/html";
import { type Html, counted } from "../layout.ts";

export interface HomeFacts {
  readonly domain: string;
  readonly signedIn: boolean;
  /** Entries in the published ledger; undefined before the first publication. */
  readonly ledgerSize: number | undefined;
}

export function homePage(facts: HomeFacts): Html {
  return html`<div class="hero">
      <div>
        <h1>Mail that is kept for you, not from you</h1>
        <p class="lede">
          Your letters are sealed to your key the moment they arrive. Your password opens them.
          Anybody else who wants to look needs a reason that our policy lists, the consent of other
          people, and an entry in a public log that is written before the key turns.
        </p>
        <div class="actions">
          ${
            facts.signedIn
              ? html`<a class="button" href="/portal">Your mail</a>`
              : html`<a class="button" href="/sign-up">Get an address at ${facts.domain}</a>`
          }
          <a class="button plain" href="/policy">Read the policy</a>
        </div>
      </div>
      ${letter}
    </div>
    <ul class="three">
      <li>
        <h2 class="h3">Sealed on arrival</h2>
        <p>
          The server that takes your mail in holds only the public half of your key. It can close a
          letter and cannot open one.
        </p>
      </li>
      <li>
        <h2 class="h3">No entry, no key</h2>
        <p>
          A separate program keeps the other keys. It writes to a tamper-evident log first, opens
          exactly what was approved, and you see who looked, when and why.
        </p>
      </li>
      <li>
        <h2 class="h3">Three facts about a visit</h2>
        <p>
          This site counts your provider’s domain, the hour and the page.
          <a href="/left-here">See what you just left here</a>.
        </p>
      </li>
    </ul>
    <h2>The life of a letter</h2>
    <ol class="steps">
      <li>
        <h3>It arrives</h3>
        <p>In memory, the server reads the address on the envelope and finds your public key.</p>
      </li>
      <li>
        <h3>It is sealed</h3>
        <p>
          Headers, text, attachments and folder names are encrypted to you. Only then does the
          sender hear that we have it. If sealing fails, the sender is asked to try again.
        </p>
      </li>
      <li>
        <h3>You read it</h3>
        <p>
          Your password unwraps your key for as long as you are signed in, here or in your mail
          program.
        </p>
      </li>
      <li>
        <h3>Somebody else asks to</h3>
        <p>
          The request names one of <a href="/policy#grounds">eight grounds</a> and proves what that
          ground demands. Two people approve it, or you do. The <a href="/ledger">ledger</a> gets
          its entry. Then the named letters are opened, and nothing beside them.
        </p>
      </li>
    </ol>
    <h2>Check it yourself</h2>
    <p class="prose">
      ${
        facts.ledgerSize === undefined
          ? "The ledger has not been published yet; the first publication follows within minutes of the start."
          : html`The published ledger holds ${counted(facts.ledgerSize, "entry", "entries")}.`
      }
      Its format is an open standard, so programs that we did not write can verify it.
      <a href="/ledger">Open the ledger</a>, look at the <a href="/traffic">traffic</a> that is all
      we know of our visitors, or read <a href="/cookies">the list of cookies</a>, which is short.
    </p>`;
}

const letter = html`<svg class="art" viewBox="0 0 400 300" aria-hidden="true" focusable="false">
  <rect class="paper" x="40" y="50" width="320" height="210" rx="10" />
  <path class="stroke" d="M42 56 188 168a20 20 0 0 0 24 0L358 56" />
  <path class="stroke" d="M42 254 156 146M358 254 244 146" />
  <circle class="seal" cx="200" cy="172" r="47" />
  <circle class="ring" cx="200" cy="172" r="37" />
  <path
    class="on-seal"
    d="M200 152a11 11 0 0 0-5.6 20.5L191 192h18l-3.4-19.5A11 11 0 0 0 200 152z"
  />
</svg>`;

// Mailing lists in the portal, and the page behind the link in an invitation or at the end of a list's letter. Pure.
import { html } from "hono/html";
import { never } from "#base/errors";
import { type Fields, type Mistakes, choice, field, summary } from "../forms.ts";
import { type Html, counted } from "../layout.ts";
import type { InviteRefusal, ListMember, ListRefusal, ListView } from "../ports/support.ts";
import { table } from "../table.ts";

export interface ListsView {
  readonly domain: string;
  /** Those of the client that are proved. */
  readonly ownDomains: readonly string[];
  readonly maxMembers: number;
  readonly owned: readonly (ListView & { readonly members: readonly ListMember[] })[];
  readonly memberships: readonly {
    readonly list: ListView;
    readonly state: "invited" | "member";
  }[];
}

export function listMistakes(refusal: ListRefusal): Mistakes {
  switch (refusal) {
    case "bad-name":
      return { name: "At most 24 letters, digits and hyphens; not ending in -leave or -owner." };
    case "taken":
      return { name: "This name, or one that goes with it, is taken." };
    case "bad-title":
      return { title: "A few words, at most 80 characters." };
    case "not-your-domain":
      return { name: "This domain is not proved to be yours." };
    case "too-many":
      return { "": "Ten lists are the most that one client may have." };
    default:
      return never(refusal);
  }
}

export function inviteMistakes(refusal: InviteRefusal): Mistakes {
  switch (refusal) {
    case "no-such-list":
      return { "": "There is no such list of yours." };
    case "not-ours":
      return { address: "No client of ours takes mail at this address." };
    case "bad-address":
      return { address: "This is no address." };
    case "lately":
      return { address: "They were asked in the last month. One question is enough." };
    case "too-many-today":
      return { address: "Twenty people elsewhere were asked today. Go on tomorrow." };
    case "there":
      return { address: "They are on it, or have been asked." };
    case "too-many":
      return { address: "The list is full." };
    default:
      return never(refusal);
  }
}

export function listsPage(view: ListsView, values: Fields, mistakes: Mistakes): Html {
  const { domain, ownDomains, maxMembers, owned, memberships } = view;
  return html`<h1>Mailing lists and groups</h1>
    <p class="lede">
      A letter to a small list becomes one sealed copy for each member. Nobody is on a list who did
      not say yes, and one click leaves it. A group is a list to which anyone may write.
    </p>
    ${invitations(memberships)}
    <h2>Lists you are on</h2>
    ${memberTable(memberships.filter(({ state }) => state === "member"))}
    <h2>Lists of your own</h2>
    ${owned.length === 0 ? html`<p>None.</p>` : owned.map(ownedCard)}
    <h2>A new list</h2>
    ${summary(mistakes)}
    <form method="post" action="/portal/lists" class="prose">
      ${field({ name: "name", label: "Its address", ...(ownDomains.length === 0 ? { suffix: `@${domain}` } : {}) }, values, mistakes)}
      ${ownDomains.length === 0 ? "" : choice("domain", "At", [domain, ...ownDomains], values, (name) => `@${name}`)}
      ${field({ name: "title", label: "Its title", hint: `Up to ${maxMembers} members.` }, values, mistakes)}
      ${choice("posting", "Who may write to it", ["members", "anyone"], values, (value) => postingWords[value])}
      <div class="actions"><button>Make the list</button></div>
    </form>`;
}

const postingWords = {
  members: "its members, who sign in to send; letters by anybody else are turned away",
  anyone: "anyone: a group, like info@ or team@",
};

function invitations(memberships: ListsView["memberships"]): Html | "" {
  const asked = memberships.filter(({ state }) => state === "invited");
  if (asked.length === 0) return "";
  return html`${asked.map(
    ({ list }) =>
      html`<div class="note">
        <p><strong>You are invited</strong> to <bdi>${list.title}</bdi> (${list.address}).</p>
        <form method="post" action="/portal/lists/${list.id}/answer">
          <button name="answer" value="accept">Join</button>
          <button class="plain" name="answer" value="leave">No, thank you</button>
        </form>
      </div>`,
  )}`;
}

function memberTable(memberships: ListsView["memberships"]): Html {
  if (memberships.length === 0) return html`<p>None.</p>`;
  return table(
    "Lists you are on",
    ["List", "Title", "Leave"],
    memberships.map(({ list }) => [
      list.address,
      html`<bdi>${list.title}</bdi>`,
      html`<form method="post" action="/portal/lists/${list.id}/answer">
        <button class="plain" name="answer" value="leave" aria-label="Leave ${list.address}">
          Leave
        </button>
      </form>`,
    ]),
  );
}

function ownedCard(list: ListView & { readonly members: readonly ListMember[] }): Html {
  return html`<article class="card">
    <h3>
      <a href="/portal/lists/${list.id}"><bdi>${list.title}</bdi></a>
    </h3>
    <p class="mono">${list.address}</p>
    <p class="quiet">${counted(list.members.length, "address", "addresses")} on it or asked</p>
  </article>`;
}

export function listPage(
  list: ListView & { readonly members: readonly ListMember[] },
  values: Fields,
  mistakes: Mistakes,
): Html {
  return html`<p><a href="/portal/lists">All lists</a></p>
    <h1><bdi>${list.title}</bdi></h1>
    <p class="lede mono">${list.address}</p>
    <p>Who may write to it: ${postingWords[list.posting]}.</p>
    ${table(
      "Members",
      ["Address", "State", "Remove"],
      list.members.map(({ id, address, state }) => [
        address,
        state === "member"
          ? html`<span class="tag good">member</span>`
          : html`<span class="tag">asked</span>`,
        html`<form method="post" action="/portal/lists/${list.id}/remove">
          <input type="hidden" name="member" value="${id}" />
          <button class="plain" aria-label="Remove ${address}">Remove</button>
        </form>`,
      ]),
    )}
    <h2>Ask somebody</h2>
    ${summary(mistakes)}
    <form method="post" action="/portal/lists/${list.id}/invite" class="prose">
      ${field({ name: "address", label: "Their address", hint: "Here or elsewhere. They get a letter, and are on the list once they say yes." }, values, mistakes)}
      <div class="actions"><button>Ask them</button></div>
    </form>
    <h2>End it</h2>
    <form method="post" action="/portal/lists/${list.id}/delete">
      <button class="plain">Delete the list</button>
    </form>`;
}

/** The page behind a member's own link. */
export function linkPage(
  list: ListView,
  member: ListMember,
  path: string,
  done: "accept" | "leave" | undefined,
): Html {
  const words = { accept: "You are on the list now.", leave: "You are off the list." };
  const isOn = done === "accept" || (done === undefined && member.state === "member");
  return html`<div class="narrow">
    <h1><bdi>${list.title}</bdi></h1>
    <p class="lede"><span class="mono">${list.address}</span></p>
    ${done === undefined ? "" : html`<p class="note" role="status"><strong>${words[done]}</strong></p>`}
    ${
      done === "leave"
        ? ""
        : html`<p>
              ${isOn ? html`${member.address} is on this list.` : html`${member.address} is invited to this list.`}
            </p>
            <form method="post" action="${path}">
              ${isOn ? "" : html`<button name="answer" value="accept">Join</button>`}
              <button class="plain" name="answer" value="leave">
                ${isOn ? "Leave the list" : "No, thank you"}
              </button>
            </form>`
    }
  </div>`;
}

export function noLinkPage(): Html {
  return html`<h1>This link leads nowhere</h1>
    <p class="lede">It was mistyped, or you are off this list already. There is nothing to do.</p>`;
}

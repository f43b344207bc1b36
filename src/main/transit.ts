// Fits the filters in transit: to the SMTP server, to the DNS, to the rules' key, to the client's page and log, and to the jobs.
import type { Clock } from "#base/time";
import type { Clients, Forgetter } from "#clients";
import type { Config } from "#config";
import type { Dns } from "#dns";
import type { Engine } from "#engine";
import { askRspamd, openTransit, type Transit } from "#mail/transit";
import type { SmtpPorts } from "#mail/smtp";
import type { FiltersPort } from "#web";
import type { Rules } from "./rules.ts";
import type { Job } from "./schedule.ts";

export function fitTransit(rooms: {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly config: Config;
  readonly clients: Pick<Clients, "logged">;
  readonly rules: Rules;
  readonly dns: Dns;
}): Transit {
  const { engine, clock, config, clients, rules, dns } = rooms;
  const nameOf = (client: string) => ({ client, account: "", object: "filters", part: "choices" });
  return openTransit({
    engine,
    clock,
    lists: config.dnsbl,
    askContent: config.rspamd === undefined ? undefined : askRspamd(config.rspamd),
    rules: {
      seal: (client, bytes) => rules.seal(nameOf(client), bytes),
      open: (client, sealed) => rules.open(nameOf(client), sealed),
      mac: (text) => rules.mac(text),
    },
    async lookUp(name) {
      const answer = await dns.lookup(name, "A");
      if (answer.ok) return answer.records;
      return answer.why === "trouble" ? "trouble" : [];
    },
    logged: ({ client, account }, fields) =>
      clients.logged(client, account, { kind: "change", at: clock.now(), fields }),
  });
}

/** As the SMTP server asks at RCPT. */
export function fitScreen(transit: Transit): NonNullable<SmtpPorts["screen"]> {
  return ({ peer, sender, recipient, mailbox }) =>
    transit.screen({ peer, sender, recipient, client: mailbox.client });
}

/** First who wrote the letter, then what the recipients' filters say of it; whatever either sends to Junk goes there. */
export function filtering(
  transit: Transit,
  examine: NonNullable<SmtpPorts["examine"]>,
): NonNullable<SmtpPorts["examine"]> {
  return async (letter) => {
    const examined = await examine(letter);
    if (!("fields" in examined)) return examined;
    const { peer, helo, sender, raw } = letter;
    const recipients = letter.recipients.map(({ address, mailbox }) => ({
      address,
      client: mailbox.client,
    }));
    const filtered = await transit.filter({ peer, helo, sender, recipients, raw });
    if (!("place" in filtered)) return filtered;
    const place = recipients.map((_, at) =>
      examined.place[at] === "junk" || filtered.place[at] === "junk" ? "junk" : "inbox",
    );
    return { ...examined, place };
  };
}

export function fitFiltersPage(transit: Transit): FiltersPort {
  return {
    offered: transit.offered,
    choices: ({ client }) => transit.choices(client),
    choose: ({ client, account }, choices) => transit.choose({ client, account }, choices),
  };
}

export function transitJobs(transit: Transit): readonly Job[] {
  return [
    {
      name: "filters",
      words: "removes marks of greylisting whose time is over",
      run: async () => ({ ...(await transit.tidy()) }),
    },
  ];
}

export function transitForgetters(transit: Transit): readonly Forgetter[] {
  return [{ what: "filters", forget: ({ client }) => transit.forget(client) }];
}

// `bailee notice …`: service notices to all clients, the only mass mail there is; and `bailee ticket list`.
import { ask, type CliCommand, report, UsageError } from "./command.ts";

export const noticeSend: CliCommand = {
  summary: "send a service notice to every client",
  help: `
bailee notice send KIND --field NAME=VALUE … [--dry-run] [--json]

Puts a letter about the service into the inbox of every client, with a line in each client's log; no contact data is needed and none is
opened. KIND is one of: policy-amended, terms-amended, price-change, maintenance, incident, data-breach, service-end. Without its fields
it says which they are. --dry-run shows the letter and how many would get it. The same kind and fields are the same notice: broken off
and called again, it goes on, and nobody has it twice. There is no kind for advertising.
`,
  options: { field: { type: "string", multiple: true }, "dry-run": { type: "boolean" } },
  positionals: [1, 1],
  async run(call) {
    const fields: { [name: string]: string } = {};
    for (const pair of call.options("field")) {
      const at = pair.indexOf("=");
      if (at < 1) throw new UsageError("--field takes NAME=VALUE");
      fields[pair.slice(0, at)] = pair.slice(at + 1);
    }
    const kind = call.positionals[0] ?? "";
    return report(
      call,
      await ask(call, "notice.send", { kind, fields, dryRun: call.flag("dry-run") }),
    );
  },
};

export const noticeList: CliCommand = {
  summary: "list service notices and how many clients have them",
  help: `
bailee notice list [--json]

Lists every notice to all clients: when it was begun, its kind, how many have it, whether it is finished.
`,
  options: {},
  positionals: [0, 0],
  run: async (call) => report(call, await ask(call, "notice.list", {})),
};

export const ticketList: CliCommand = {
  summary: "list tickets: number, state, whose, times",
  help: `
bailee ticket list [--json]

Lists tickets by number, open ones first. Their words are sealed to the desk and are read there: /desk/tickets.
`,
  options: {},
  positionals: [0, 0],
  run: async (call) => report(call, await ask(call, "ticket.list", {})),
};

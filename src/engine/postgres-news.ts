// News between processes over LISTEN and NOTIFY: one channel, one session that listens. A lost session is opened again; what was
// said meanwhile is lost, which the contract allows.
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "pg";
import { newId } from "#base/ids";
import { log } from "#base/log";
import type { News } from "./news.ts";

interface Note {
  readonly from: string;
  readonly channel: string;
  readonly payload: string;
}

const RETRY_MS = 1000;

export interface PostgresNews extends AsyncDisposable {
  announce(channel: string, payload: string): void;
}

/** Listens, and hands what other processes say to `local`; what this one says goes to `local` at once. */
export async function openPostgresNews(url: string, local: News): Promise<PostgresNews> {
  const self = newId();
  const closing = new AbortController();
  let session = await connect();

  async function connect(): Promise<Client> {
    const client = new Client({ connectionString: url });
    client.on("error", () => void again(client));
    client.on("end", () => void again(client));
    client.on("notification", ({ payload }) => {
      const note = JSON.parse(payload ?? "{}") as Note;
      if (note.from !== self) local.tell(note.channel, note.payload);
    });
    await client.connect();
    await client.query("listen bailee");
    return client;
  }

  async function again(lost: Client): Promise<void> {
    if (lost !== session || closing.signal.aborted) return;
    log("postgres-news-lost");
    while (!closing.signal.aborted) {
      await wait(RETRY_MS, undefined, { ref: false });
      try {
        session = await connect();
        return;
      } catch {
        log("postgres-news-away");
      }
    }
  }

  // One after the other on the one session; what is said while one is under way leaves together with the next.
  const unsent: Note[] = [];
  let sending = Promise.resolve();
  async function sendAll(): Promise<void> {
    const notes = unsent.splice(0);
    if (notes.length === 0 || closing.signal.aborted) return;
    try {
      await session.query("select pg_notify('bailee', note) from unnest($1::text[]) as note", [
        notes.map((note) => JSON.stringify(note)),
      ]);
    } catch {
      log("postgres-news-not-sent");
    }
  }

  return {
    announce(channel, payload) {
      local.tell(channel, payload);
      unsent.push({ from: self, channel, payload });
      sending = sending.then(sendAll);
    },
    async [Symbol.asyncDispose]() {
      await sending;
      closing.abort();
      await session.end().catch(() => {});
    },
  };
}

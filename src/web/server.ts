// The sockets of the web: HTTP, or HTTPS where a certificate is given. Tells the app the peer and whether TLS is there, and
// nothing that a header claims about either.
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Broken } from "#base/errors";
import { MINUTE, SECOND } from "#base/time";
import { type App, createApp } from "./app.ts";
import type { WebPorts } from "./ports.ts";
import type { SiteSettings } from "./site.ts";

export interface WebServerOptions extends SiteSettings {
  readonly bind: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** PEM; with it the server speaks HTTPS only. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly ports: WebPorts;
}

export interface WebServer extends AsyncDisposable {
  readonly port: number;
}

/** Listening when it returns. Throws Broken when the address cannot be had. Disposal ends open connections. */
export async function openWebServer(options: WebServerOptions): Promise<WebServer> {
  const { bind, port, tls, ports, ...settings } = options;
  const app = createApp({ ...settings, ...ports });
  const server = listener(app, tls);
  // Slow or idle connections must not hold the few that a small machine has.
  server.headersTimeout = 15 * SECOND;
  server.requestTimeout = MINUTE;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) =>
      reject(new Broken(`the web cannot listen on ${bind} port ${port}`, error)),
    );
    server.listen(port, bind, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Listener = ReturnType<typeof createServer> | ReturnType<typeof createTlsServer>;

function listener(app: App, tls: WebServerOptions["tls"]): Listener {
  const fetch = (request: Request, env: unknown): Promise<Response> => {
    const { socket } = (env as { incoming: { socket: Socket & { encrypted?: boolean } } }).incoming;
    return app(request, { peer: socket.remoteAddress ?? "", secure: socket.encrypted === true });
  };
  const made =
    tls === undefined
      ? createAdaptorServer({ fetch, createServer, overrideGlobalObjects: false })
      : createAdaptorServer({
          fetch,
          createServer: createTlsServer,
          overrideGlobalObjects: false,
          serverOptions: { ...tls, minVersion: "TLSv1.2" },
        });
  return made as Listener;
}

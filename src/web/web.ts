// Public pages, client portal, staff desk: Request to Response. Holds no key; what it needs from other rooms are its ports.
export { type App, createApp } from "./app.ts";
export type {
  AtDesk,
  ClientFacts,
  Desk,
  Entrance,
  MailSetting,
  OwnView,
  Plan,
  WebPorts,
} from "./ports.ts";
export type { AccountPort } from "./ports/account.ts";
export type { AppsPort } from "./ports/apps.ts";
export type { FiltersPort } from "./ports/filters.ts";
export type { SendingPort } from "./ports/sending.ts";
export type { DeskTicketLine, ListsPort, TicketLine, TicketsPort } from "./ports/support.ts";
export { openWebServer, type WebServer, type WebServerOptions } from "./server.ts";
export { type CountedPage, countedPages } from "./views.ts";
export type { Connection, Site, SiteSettings } from "./site.ts";

// The way of an accepted message into a mailbox: parsed once, prefixed, sealed, durable. Every door (LMTP, SMTP, import,
// APPEND by the queue) goes through here, so that "250 means durable" stands in one place.
export type {
  Deliver,
  DeliveryEnvelope,
  DeliveryOutcome,
  DeliveryPorts,
  DeliveryRefusal,
  TrafficEvent,
} from "./contract.ts";
export { makeDeliver } from "./deliver.ts";

// The parts that the works of this room are given. Holds no code.
import type { Engine } from "#engine";
import type { Clock } from "#base/time";
import type { BillingPorts } from "./ports.ts";
import type { Rows } from "./rows.ts";
import type { Seller } from "./seller.ts";

export interface BillingOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly seller: Seller;
  /** Of all prices, invoices and codes. */
  readonly currency: string;
  readonly ports: BillingPorts;
}

export interface BillingParts extends BillingOptions {
  readonly rows: Rows;
  readonly today: () => string;
}

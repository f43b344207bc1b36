// A client chooses another plan: its services and limits hold from this moment, its price from the next month.
import { type Engine, invoke } from "#engine";
import { no, type Result, yes } from "#base/errors";
import type { Clock } from "#base/time";
import { setPlan } from "./commands.ts";
import type { ClientLog } from "./log.ts";
import { findPlan, type Plan } from "./plans.ts";
import type { Tables } from "./tables.ts";

/** See `Clients.changePlan`. */
export async function changePlan(
  {
    engine,
    clock,
    log,
  }: { readonly engine: Engine; readonly clock: Clock; readonly log: ClientLog },
  client: string,
  name: string,
): Promise<Result<true, "unknown" | "unknown-plan" | "other-mode" | "same-plan">> {
  const row = await engine
    .reader<Tables>()
    .selectFrom("client")
    .innerJoin("client_account", "client_account.client_id", "client.client_id")
    .select(["client.plan", "client.plan_version", "client.mode", "client_account.account_id"])
    .where("client.client_id", "=", client)
    .executeTakeFirst();
  if (row === undefined) return no("unknown");
  const plan = findPlan(name);
  if (plan === undefined) return no("unknown-plan");
  if (plan.mode !== row.mode) return no("other-mode");
  if (plan.name === row.plan && plan.version === row.plan_version) return no("same-plan");
  const event = await log.logged(client, row.account_id, {
    kind: "change",
    at: clock.now(),
    fields: { what: "plan", from: row.plan, to: plan.name, cents: plan.cents },
  });
  const to = { client_id: client, plan: plan.name, plan_version: plan.version };
  await engine.writeTogether([invoke(setPlan, to), event]);
  return yes(true);
}

/** What a client's plan gives them; undefined for who is not there (any more). */
export async function readLimits(
  engine: Engine,
  client: string,
): Promise<Plan["limits"] | undefined> {
  const row = await engine
    .reader<Tables>()
    .selectFrom("client")
    .select(["plan", "plan_version"])
    .where("client_id", "=", client)
    .executeTakeFirst();
  return row && findPlan(row.plan, row.plan_version)?.limits;
}

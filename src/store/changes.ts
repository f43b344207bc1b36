// Who changed is told after the commit, by account: ids only, never what. A listener asks the change feed for the rest.
import type { Engine } from "#engine";
import type { Owner } from "./contract.ts";

const channelOf = (owner: Owner): string => `store/${owner.client}/${owner.account}`;

export function announceChange(engine: Engine, owner: Owner, folderId: string): void {
  engine.announce(channelOf(owner), folderId);
}

export function watchAccount(
  engine: Engine,
  owner: Owner,
  listener: (folderId: string) => void,
): Disposable {
  return engine.subscribe(channelOf(owner), listener);
}

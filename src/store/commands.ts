// The store's named writes, as the writer loads them. Each body stands in the file of its subject.
import { command } from "#engine";
import { destroyCopies, forgetCopies, keepCopy } from "./copy-rows.ts";
import { setFlags } from "./flags.ts";
import {
  createFolders,
  deleteFolder,
  insertAccount,
  renameFolders,
  setSubscribed,
} from "./folder-rows.ts";
import { deliver, place, transfer } from "./place.ts";
import { forgetMessages, forgetRest } from "./forget-rows.ts";
import { expunge, purge } from "./remove.ts";
import { endWithheld, giveBack, withhold } from "./withhold.ts";

export const insertAccountCommand = command("store.newAccount", insertAccount);
export const deliverCommand = command("store.deliver", deliver);
export const placeCommand = command("store.place", place);
export const transferCommand = command("store.transfer", transfer);
export const setFlagsCommand = command("store.setFlags", setFlags);
export const expungeCommand = command("store.expunge", expunge);
export const purgeCommand = command("store.purge", purge);
export const forgetMessagesCommand = command("store.forgetMessages", forgetMessages);
export const forgetRestCommand = command("store.forgetRest", forgetRest);
export const withholdCommand = command("store.withhold", withhold);
export const giveBackCommand = command("store.giveBack", giveBack);
export const endWithheldCommand = command("store.endWithheld", endWithheld);
export const createFoldersCommand = command("store.createFolders", createFolders);
export const renameFoldersCommand = command("store.renameFolders", renameFolders);
export const deleteFolderCommand = command("store.deleteFolder", deleteFolder);
export const setSubscribedCommand = command("store.setSubscribed", setSubscribed);
export const keepCopyCommand = command("store.keepCopy", keepCopy);
export const destroyCopiesCommand = command("store.destroyCopies", destroyCopies);
export const forgetCopiesCommand = command("store.forgetCopies", forgetCopies);

// The store's named writes, as the writer loads them. Each body stands in the file of its subject.
import { command } from "#engine";
import { setAnnotations } from "./annotation-rows.ts";
import { destroyCopies, forgetCopies, keepCopy } from "./copy-rows.ts";
import { setFlags } from "./flags.ts";
import {
  createFolders,
  deleteFolder,
  insertAccount,
  renameFolders,
  subscribe,
  unsubscribe,
} from "./folder-rows.ts";
import { deliver, place, transfer } from "./place.ts";
import { forgetMessages, forgetRest } from "./forget-rows.ts";
import { claimUnplaced, expunge, purge } from "./remove.ts";
import { replace } from "./replace.ts";
import { erase, restore } from "./restore-rows.ts";
import { endWithheld, giveBack, withhold } from "./withhold.ts";

export const insertAccountCommand = command("store.newAccount", insertAccount);
export const deliverCommand = command("store.deliver", deliver);
export const placeCommand = command("store.place", place);
export const transferCommand = command("store.transfer", transfer);
export const setFlagsCommand = command("store.setFlags", setFlags);
export const expungeCommand = command("store.expunge", expunge);
export const replaceCommand = command("store.replace", replace);
export const restoreCommand = command("store.restore", restore);
export const eraseCommand = command("store.erase", erase);
export const claimUnplacedCommand = command("store.claimUnplaced", claimUnplaced);
export const purgeCommand = command("store.purge", purge);
export const forgetMessagesCommand = command("store.forgetMessages", forgetMessages);
export const forgetRestCommand = command("store.forgetRest", forgetRest);
export const withholdCommand = command("store.withhold", withhold);
export const giveBackCommand = command("store.giveBack", giveBack);
export const endWithheldCommand = command("store.endWithheld", endWithheld);
export const createFoldersCommand = command("store.createFolders", createFolders);
export const renameFoldersCommand = command("store.renameFolders", renameFolders);
export const deleteFolderCommand = command("store.deleteFolder", deleteFolder);
export const subscribeCommand = command("store.subscribe", subscribe);
export const unsubscribeCommand = command("store.unsubscribe", unsubscribe);
export const setAnnotationsCommand = command("store.setAnnotations", setAnnotations);
export const keepCopyCommand = command("store.keepCopy", keepCopy);
export const destroyCopiesCommand = command("store.destroyCopies", destroyCopies);
export const forgetCopiesCommand = command("store.forgetCopies", forgetCopies);

// Runs the store's contract over both databases.
import { databasesFor } from "./databases.ts";
import { keptContract } from "./store-kept.ts";
import { storeContract, storeRooms } from "./store.ts";

const databases = databasesFor(storeRooms);
storeContract("SQLite", () => databases.sqlite());
storeContract("PostgreSQL", (t) => databases.postgres(t));
keptContract("SQLite", () => databases.sqlite(), 30);
keptContract("PostgreSQL", (t) => databases.postgres(t), 5);

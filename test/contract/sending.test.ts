// Runs the contract of sending over both databases.
import { databasesFor } from "./databases.ts";
import { sendingContract, sendingRooms } from "./sending.ts";

const databases = databasesFor(sendingRooms);
sendingContract("SQLite", () => databases.sqlite(), 40);
sendingContract("PostgreSQL", (t) => databases.postgres(t), 4);

// Runs the contract of reports about the authentication of mail over both databases.
import { databasesFor } from "./databases.ts";
import { reportsContract, reportsRooms } from "./reports.ts";

const databases = databasesFor(reportsRooms);
reportsContract("SQLite", () => databases.sqlite());
reportsContract("PostgreSQL", (t) => databases.postgres(t));

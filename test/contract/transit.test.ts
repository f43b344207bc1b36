// Runs the contract of filters in transit over both databases.
import { databasesFor } from "./databases.ts";
import { transitContract, transitRooms } from "./transit.ts";

const databases = databasesFor(transitRooms);
transitContract("SQLite", () => databases.sqlite());
transitContract("PostgreSQL", (t) => databases.postgres(t));

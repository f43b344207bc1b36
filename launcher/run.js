// Runs a file of the project under the pinned Node, installing first where needed: `node launcher/run.js FILE ARGS…`.
import { handOver } from "./launcher.js";

await handOver(process.argv.slice(2), { development: true });

// A witness for transparency logs (C2SP tlog-witness), of ours and of anybody's: run by somebody who is not the log's keeper.
export { serveWitness, type WitnessServer } from "./server.ts";
export { followLog, makeWitness, openWitness, type Witness } from "./witness.ts";
export { askForCosignature, fetchSeen, WitnessError } from "./outbound.ts";

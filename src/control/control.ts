// The operator's way in: what may be asked, and the socket over which it is asked.
export { addressOperations, type OperatedAddresses, type OperatedDomain } from "./addresses.ts";
export { caseOperations, type OperatedCases } from "./cases.ts";
export { billingOperations, type OperatedBilling } from "./billing.ts";
export { clientOperations, type OperatedClients, type OperatedStanding } from "./clients.ts";
export { queueOperations } from "./queue.ts";
export { sendingOperations } from "./sending.ts";
export { type OperatedReports, reportOperations } from "./reports.ts";
export { supportOperations } from "./support.ts";
export { interceptionOperations, type OperatedInterceptions } from "./interception.ts";
export { type ClientFacts, type OperatedRooms, operationsOver } from "./operations.ts";
export {
  type Answer,
  callControl,
  isServed,
  openControl,
  type Operations,
  type Plain,
  type Progress,
} from "./socket.ts";

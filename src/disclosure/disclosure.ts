// Requests for data: for now the desk's drafts of grants. Stores nothing, signs nothing, opens nothing.
export {
  classesOf,
  type Draft,
  type DraftForm,
  draftGrant,
  type DraftMistakes,
  requesterKinds,
} from "./draft.ts";
export { type Scope, scopeOf } from "./scope.ts";

export type Grant = { readonly x?: string };

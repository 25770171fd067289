// The World contract, under the name that backends and tools depend on. `workflow` is a peer: one copy, one contract.
export * from "workflow/world";

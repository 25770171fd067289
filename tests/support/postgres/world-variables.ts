/** What makes a process use the PostgreSQL World. */
export type Variables = Readonly<
  Record<"WORKFLOW_TARGET_WORLD" | "WORKFLOW_POSTGRES_URL" | "WORKFLOW_POSTGRES_SCHEMA", string>
>;

export function worldVariables({ url, schema }: { readonly url: string; readonly schema: string }): Variables {
  return {
    WORKFLOW_TARGET_WORLD: "@workflow/world-postgres",
    WORKFLOW_POSTGRES_URL: url,
    WORKFLOW_POSTGRES_SCHEMA: schema,
  };
}

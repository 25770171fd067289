// The PostgreSQL World, for `WORKFLOW_TARGET_WORLD=@workflow/world-postgres` and for programs.
export { cleanup, type CleanupOptions } from "./cleanup.ts";
export { migrate, type Migrated, type MigrateOptions } from "./migrate.ts";
export type { ConnectionOptionsOfWorld } from "./settings.ts";
export type { Removed } from "./removal.ts";
export type { RetentionOption } from "./retention.ts";
export { createWorld, type PostgresWorldOptions } from "./world.ts";

// The PostgreSQL World, for `WORKFLOW_TARGET_WORLD=@workflow/world-postgres` and for programs.
export { migrate, type Migrated, type MigrateOptions } from "./migrate.ts";
export type { ConnectionOptionsOfWorld } from "./settings.ts";
export { createWorld, type PostgresWorldOptions } from "./world.ts";

import { describeAgainstModel, describeWorld } from "@workflow/world/testkit";
import { openPostgresWorld } from "../../../tests/support/postgres/world.ts";

describeWorld("postgres", ({ clock }) => openPostgresWorld(clock));
describeAgainstModel("postgres", ({ clock }) => openPostgresWorld(clock));

import { APPLY } from "./apply.ts";
import { CODE } from "./code.ts";
import { COMMIT } from "./commit.ts";
import { CONTEXT } from "./context.ts";
import { CONTINUE } from "./continue.ts";
import { CREATE } from "./create.ts";
import { DELIVER } from "./deliver.ts";
import { LEASE } from "./lease.ts";
import { LOCKS } from "./locks.ts";
import { OFFERS } from "./offers.ts";
import { TOKENS } from "./tokens.ts";
import { WITHIN } from "./within.ts";

/** The functions through which everything is written. Released with the package: never to be edited afterwards. */
export const WRITES: string = [
  LOCKS,
  TOKENS,
  CODE,
  CREATE,
  DELIVER,
  CONTINUE,
  COMMIT,
  CONTEXT,
  OFFERS,
  LEASE,
  APPLY,
  WITHIN,
].join("\n");

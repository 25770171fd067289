// Run in a package's folder: what an earlier build left must not get into the next tarball.
import { rmSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });

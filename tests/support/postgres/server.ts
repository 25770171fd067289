import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { chmod, chown, mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Account, serverAccount } from "./account.ts";
import { copyEmbeddedBinaries, installedBinaries, type Origin } from "./binaries.ts";
import { startKeeper } from "./keeper.ts";
import { launch, type Launch, type Postmaster } from "./postmaster.ts";

/** `fast` disconnects everybody and writes all to the tables; `immediate` leaves that to a recovery at the next start. */
export type StopMode = "fast" | "immediate";

/** A PostgreSQL of its own, on loopback. Whoever starts it disposes of it, which removes its data. */
export interface Server extends AsyncDisposable {
  /** The same as long as it lives. Its user may do everything. */
  readonly url: string;
  /** Each resolves when no process of the server is left. */
  stop(mode?: StopMode): Promise<void>;
  /** SIGKILL for the first process; the others end when they notice, those that compute after they have. */
  kill(): Promise<void>;
  /** With the data that were there. Resolves when connections are accepted, after any recovery. */
  start(): Promise<void>;
  restart(mode?: StopMode): Promise<void>;
}

export interface ServerOptions {
  /** Default: what is installed, or else what npm brought. */
  readonly origin?: Origin | undefined;
  /** Whether a commit waits for the disk. Default: no; only the death of the machine would tell. */
  readonly fsync?: boolean;
}

const SIGNALS = { fast: "SIGINT", immediate: "SIGQUIT" } as const;

export async function startServer({ origin, fsync = false }: ServerOptions = {}): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), "workflow-postgres-"));
  const keeper = startKeeper(folder);
  let running: Postmaster | undefined;
  let killed = false;

  async function run(launching: Launch): Promise<void> {
    if (running !== undefined) throw new Error("The server is not stopped");
    const postmaster = launch(launching);
    running = postmaster;
    killed = false;
    keeper.watch(postmaster.pid);
    void forgetOnceGone(postmaster);
    await postmaster.ready;
  }

  async function forgetOnceGone({ gone }: Postmaster): Promise<void> {
    await gone;
    running = undefined;
    keeper.watch(undefined);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const postmaster = running;
    postmaster?.signal(signal);
    await postmaster?.gone;
  }

  try {
    const launching = await runOnFreePort({ ...(await createCluster(folder, origin)), fsync }, run);
    return {
      url: `postgres://postgres@127.0.0.1:${launching.port}/postgres`,
      stop: (mode = "fast") => end(SIGNALS[mode]),
      async kill() {
        await end("SIGKILL");
        killed = true;
      },
      start: () => run(launching),
      async restart(mode = "fast") {
        await end(SIGNALS[mode]);
        await run(launching);
      },
      async [Symbol.asyncDispose]() {
        try {
          // What was killed has left shared memory behind, which only its next life can find.
          if (killed) await run(launching);
        } finally {
          await end(SIGNALS.immediate);
          await keeper.clearAway();
        }
      },
    };
  } catch (error) {
    await keeper.clearAway();
    throw error;
  }
}

/** Programs, and an empty database cluster for them. */
async function createCluster(folder: string, origin: Origin | undefined): Promise<Omit<Launch, "port" | "fsync">> {
  const account = serverAccount();
  const data = join(folder, "data");
  await mkdir(data);
  await giveTo(account, data);
  await chmod(folder, 0o755);
  const bin = await findBinaries(folder, origin);
  const args = ["-D", data, "-U", "postgres", "--auth=trust", "--locale=C", "--encoding=UTF8", "--no-sync"];
  await promisify(execFile)(join(bin, "initdb"), args, { cwd: data, env: { LC_ALL: "C" }, ...account });
  return { bin, data, account };
}

async function giveTo({ uid, gid }: Account, folder: string): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid);
}

async function findBinaries(folder: string, origin: Origin | undefined): Promise<string> {
  const installed = origin === "embedded" ? undefined : installedBinaries();
  if (installed !== undefined) return installed;
  if (origin === "installed") throw new Error("No PostgreSQL is installed: neither Debian's nor one on the PATH");
  return copyEmbeddedBinaries(join(folder, "programs"));
}

/** Tries, because to look first would decide nothing. */
async function runOnFreePort(cluster: Omit<Launch, "port">, run: (launch: Launch) => Promise<void>): Promise<Launch> {
  for (let attempt = 1; ; attempt++) {
    // Below the ports that systems give to clients: nobody has it by chance while the server is down.
    const launching = { ...cluster, port: randomInt(15_000, 32_000) };
    try {
      await run(launching);
      return launching;
    } catch (error) {
      if (attempt === 10 || !String(error).includes("Address already in use")) throw error;
    }
  }
}

import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

/** A Node process under test. Tests end what they start: `await using`, or `kill`. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Everything printed so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves with the first line of stdout that matches. Rejects if the process ends without one, or takes too long. */
  line(pattern: RegExp, patienceMs?: number): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): Promise<Exit>;
  readonly exit: Promise<Exit>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the Node that runs the tests. */
  readonly node?: string;
  /** What it finds on standard input. Default: nothing. */
  readonly input?: string;
}

const PATIENCE_MS = 30_000;

export function startNode(
  args: readonly string[],
  { cwd, env = {}, node = process.execPath, input }: ChildOptions,
): Child {
  const child = spawn(node, [...args], {
    cwd,
    env: { ...ownEnvironment(), ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input);
  const printed = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      printed[name] += text;
      changed();
    });
  }
  let ended: Exit | undefined;
  const exit = new Promise<Exit>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      ended = { code, signal };
      resolve(ended);
      changed();
    });
  });
  const kill = (signal: NodeJS.Signals): Promise<Exit> => {
    child.kill(signal);
    return exit;
  };

  async function line(pattern: RegExp, patienceMs: number = PATIENCE_MS): Promise<RegExpExecArray> {
    const late = new AbortController();
    const timer = delay(patienceMs, undefined, { signal: late.signal }).catch(() => undefined);
    try {
      for (;;) {
        const match = printed.stdout
          .split("\n")
          .slice(0, -1)
          .map((text) => pattern.exec(text))
          .find(Boolean);
        if (match !== null && match !== undefined) return match;
        if (ended !== undefined) throw new Error(`The process ended: ${describe()}`);
        const more = new Promise<"more">((resolve) => listeners.add(() => resolve("more")));
        if ((await Promise.race([more, timer])) === undefined) throw new Error(`No line ${pattern}: ${describe()}`);
      }
    } finally {
      late.abort();
    }
  }

  const describe = (): string => JSON.stringify({ exit: ended, ...printed }, null, 2);

  return {
    pid: child.pid ?? 0,
    get stdout() {
      return printed.stdout;
    },
    get stderr() {
      return printed.stderr;
    },
    line,
    kill,
    exit,
    async [Symbol.asyncDispose]() {
      if (ended === undefined) await kill("SIGKILL");
    },
  };
}

/** Without what the test runner, or whoever started it, means for itself. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(WORKFLOW_|VITEST|NODE_OPTIONS$|NODE_ENV$|TEST$|FORCE_COLOR$|NO_COLOR$|CI$|PORT$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

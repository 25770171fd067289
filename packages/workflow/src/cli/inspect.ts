import type { World } from "../world/world.ts";
import type { Answer } from "./answer.ts";
import type { Command } from "./command.ts";
import { describeFlags, type Flag, type Flags } from "./flags.ts";
import { UsageError } from "./usage-error.ts";

interface View {
  readonly flags: readonly Flag[];
  /** Loads the engine, which takes longer than anything else here. */
  readonly load: () => Promise<(world: World, flags: Flags, id: string) => Promise<Answer>>;
}

const PAGE = ["withData", "limit", "cursor", "sort", "json", "help"] as const;

const VIEWS = {
  runs: {
    flags: ["workflowName", "status", "attribute", ...PAGE],
    load: async () => (await import("./inspect/runs.ts")).readRuns,
  },
  run: {
    flags: ["withData", "limit", "json", "help"],
    load: async () => (await import("./inspect/run.ts")).readRun,
  },
  hooks: {
    flags: ["runId", ...PAGE],
    load: async () => (await import("./inspect/hooks.ts")).readHooks,
  },
  hook: {
    flags: ["withData", "json", "help"],
    load: async () => (await import("./inspect/hook.ts")).readHook,
  },
  held: {
    flags: ["token", ...PAGE],
    load: async () => (await import("./inspect/held.ts")).readHeld,
  },
  events: {
    flags: ["runId", ...PAGE],
    load: async () => (await import("./inspect/events.ts")).readEvents,
  },
  streams: {
    flags: ["runId", "json", "help"],
    load: async () => (await import("./inspect/streams.ts")).readStreams,
  },
  stream: {
    flags: ["runId", "limit", "cursor", "json", "help"],
    load: async () => (await import("./inspect/stream.ts")).readStream,
  },
} satisfies Readonly<Record<string, View>>;

export const inspect: Command = {
  usage: [
    ["inspect runs", "the latest runs"],
    ["inspect run <runId>", "one run: its steps, and what it waits for"],
    ["inspect hooks", "the active hooks, whose tokens can be resumed"],
    ["inspect hook <token>", "one hook, by its token or id"],
    ["inspect held", "payloads that came before a hook had their token"],
    ["inspect events <runId>", "the history of a run"],
    ["inspect streams <runId>", "the streams that a run has written to"],
    ["inspect stream [namespace] --runId <runId>", "the chunks of one of them; of the default one without a namespace"],
  ],
  flags: ["runId", "token", "workflowName", "status", "attribute", ...PAGE],
  async run({ positionals, flags, given }, terminal) {
    const { name, id } = chooseView(positionals, flags.runId);
    const { flags: accepted, load }: View = VIEWS[name];
    for (const flag of given) {
      if (!accepted.includes(flag)) {
        throw new UsageError(`--${flag} means nothing to inspect ${name}. ${describeFlags(accepted)}`);
      }
    }
    const read = await load();
    const { withWorld } = await import("./open-world.ts");
    const answer = await withWorld((world) => read(world, flags, id));
    if (flags.json) return terminal.print(JSON.stringify(answer.json, undefined, 2));
    terminal.print(answer.lines(terminal).join("\n"));
    if (answer.more !== undefined) terminal.note(`There is more: add --cursor ${answer.more}`);
  },
};

interface Choice {
  readonly name: keyof typeof VIEWS;
  /** Empty for a list. */
  readonly id: string;
}

/** `runs` and `hooks` with an id are the same as `run` and `hook`. */
function chooseView([resource, id, ...rest]: readonly string[], runId: string | undefined): Choice {
  if (rest.length > 0) throw new UsageError(`inspect ${resource} takes one id, but got also ${rest.join(" ")}`);
  switch (resource) {
    case "runs":
    case "run":
      if (id === undefined && resource === "runs") return { name: "runs", id: "" };
      return { name: "run", id: required(id, "inspect run <runId>", "inspect runs") };
    case "hooks":
    case "hook":
      if (id === undefined && resource === "hooks") return { name: "hooks", id: "" };
      return { name: "hook", id: required(id, "inspect hook <token>", "inspect hooks") };
    case "held":
      if (id === undefined) return { name: "held", id: "" };
      throw new UsageError(`inspect held takes no id, but got ${id}. What came for one token: --token <token>`);
    case "events":
      if (id !== undefined && runId !== undefined) throw new UsageError("Name the run of the events once");
      return { name: "events", id: required(id ?? runId, "inspect events <runId>", "inspect runs") };
    case "streams":
      if (id !== undefined && runId !== undefined) throw new UsageError("Name the run of the streams once");
      return { name: "streams", id: required(id ?? runId, "inspect streams <runId>", "inspect runs") };
    case "stream":
      required(runId, "inspect stream [namespace] --runId <runId>", "inspect streams <runId>");
      return { name: "stream", id: id ?? "" };
    default: {
      const found = resource === undefined ? "" : `, not ${JSON.stringify(resource)}`;
      throw new UsageError(`workflow inspect is followed by one of ${Object.keys(VIEWS).join(", ")}${found}`);
    }
  }
}

function required(id: string | undefined, usage: string, list: string): string {
  if (id !== undefined && id !== "") return id;
  throw new UsageError(`The id is missing: workflow ${usage}. To list them: workflow ${list}`);
}

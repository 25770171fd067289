// The thread that keeps the workers of a process alive for others: entered by `membership.ts` as a file of its own. It is
// not the main one, because a step that computes does not mean that its process is dead.
import { parentPort, workerData } from "node:worker_threads";
import { passes, worldFailure } from "./database/failures.ts";
import { placeOf } from "./database/place.ts";
import { createMembers } from "./members.ts";
import type { MembershipData, Order, Report } from "./membership-messages.ts";
import { connectSession, type MemberSession } from "./member-session.ts";

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

const port = parentPort;
if (port === null) throw new Error("This file is the entry of a worker thread");
const { listener, schema, periodMs } = workerData as MembershipData;
const place = placeOf(listener.connecting);
const report = (message: Report): void => port.postMessage(message);
const members = createMembers(report);
let session: MemberSession | undefined;
let stopping = false;
let pause = FIRST_PAUSE_MS;

/** Connects, and again whenever the connection breaks: at once, and less and less often while that fails. */
const keepConnected = async (): Promise<void> => {
  try {
    const connected = await connectSession({ listener, schema, periodMs, members, report });
    session = connected;
    pause = FIRST_PAUSE_MS;
    report({ kind: "connected", session: connected.keepsState });
    await connected.run();
    session = undefined;
    if (stopping) return;
    report({ kind: "lost" });
    setImmediate(keepConnected);
  } catch (error) {
    report({ kind: "unreachable", message: worldFailure(error, place).message, passes: passes(error) });
    setTimeout(keepConnected, pause);
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }
};

port.on("message", (order: Order) => {
  if (order === null) {
    // Whatever is under way: the server notices the end of a connection in any case.
    stopping = true;
    const end = session?.end() ?? Promise.resolve();
    setTimeout(() => process.exit(), 500).unref();
    void end.finally(() => process.exit());
  } else if (order.kind === "add") {
    members.add(order.id);
    session?.attend();
  } else {
    members.remove(order.id);
    session?.attend();
  }
});

void keepConnected();

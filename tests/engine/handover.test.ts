import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { resumeHook, type ResumeOptions, start } from "workflow/api";
import { HookNotFoundError } from "workflow/errors";
import { acceptanceViolations, receivedBy, type Sent } from "../support/acceptance.ts";
import { deploy, realmCode, workflow } from "../support/engine.ts";
import { describeEngine } from "../support/scenario.ts";

/**
 * Two runs that hand the token "door" to one another. Each round: wait for the turn, claim the token, take some
 * payloads, give it up and pass the turn on; in every third round before it gives it up, so that the other one meets a
 * conflict and asks again.
 */
const RELAY = realmCode(
  ["pass", "breathe"],
  `workflow("relay", async (name, other, rounds) => {
    const turn = createHook({ token: "turn of " + name });
    let conflicts = 0;
    for (let round = 0; round < rounds; round += 1) {
      await turn;
      let door = createHook({ token: "door" });
      while ((await door.getConflict()) !== null) {
        conflicts += 1;
        await breathe();
        door = createHook({ token: "door" });
      }
      for (let taken = 0; taken < round % 4; taken += 1) await door;
      if (round % 3 === 0) {
        const passing = pass(other, "turn " + name + " " + round);
        await breathe();
        door.dispose();
        await passing;
      } else {
        door.dispose();
        await pass(other, "turn " + name + " " + round);
      }
    }
    return conflicts;
  });
  workflow("rest", async () => {
    const door = createHook({ token: "door" });
    for await (const word of door) if (word === "the last") return;
  });`,
);

/** Enough for everything to happen; a round of a World that is a server away takes ten times as long. */
const ROUNDS: Readonly<Record<string, number>> = { postgres: 100 };
const MOST_ROUNDS = 500;
const CALLERS = 6;

describeEngine("a token that is handed over (I6)", ({ worldName, openWorld, startEngine }) => {
  test(
    "again and again under constant resumes: every payload that was accepted is with the run that was named",
    { timeout: 120_000 },
    async () => {
      deploy(RELAY, {
        pass: async (...args) => {
          const [to, round] = args as [string, string];
          await resumeHook(`turn of ${to}`, round, { hold: "10m", idempotencyKey: round });
        },
        breathe: async () => setImmediate(),
      });
      const world = await openWorld();
      await startEngine({ world });
      const rounds = ROUNDS[worldName] ?? MOST_ROUNDS;
      const ada = await start(workflow("relay"), ["ada", "bob", rounds]);
      const bob = await start(workflow("relay"), ["bob", "ada", rounds]);
      const over = new AbortController();
      const callers = Array.from({ length: CALLERS }, (_, caller) => resumeConstantly(caller, over.signal));
      await resumeHook("turn of ada", "turn 0", { hold: "10m" });
      const conflicts = [await ada.returnValue, await bob.returnValue] as unknown as number[];
      over.abort();
      const sent = (await Promise.all(callers)).flat();
      // What is held still is for the next run.
      const rest = await start(workflow("rest"), []);
      const last = await send("the last", { hold: "10m" });
      await rest.returnValue;
      const histories = await Promise.all(
        [ada, bob, rest].map(async ({ runId }) => receivedBy(runId, (await world.read(runId, 0)).history)),
      );
      const received = histories.flat().filter(({ payload }) => !payload.startsWith("turn"));
      expect(acceptanceViolations([...sent, last], received)).toEqual([]);
      expect(Math.max(...conflicts)).toBeGreaterThan(0);
      for (const kind of ["delivered", "held"]) {
        expect(sent.filter(({ status }) => status === kind).length).toBeGreaterThan(50);
      }
      expect(received.some(({ undelivered }) => undelivered)).toBe(true);
    },
  );
});

type Answered = Sent & { readonly status: string };

async function send(payload: string, options: ResumeOptions): Promise<Answered> {
  const askedAt = performance.now();
  const { status, runId } = await resumeHook("door", payload, options);
  return { payload, status, runId, askedAt, answeredAt: performance.now() };
}

/** Sends one payload after the other, half of the callers with `hold`; those who find no hook try again. */
async function resumeConstantly(caller: number, over: AbortSignal): Promise<readonly Answered[]> {
  const sent: Answered[] = [];
  const options: ResumeOptions = caller % 2 === 0 ? {} : { hold: "10m" };
  while (!over.aborted) {
    try {
      sent.push(await send(`${caller}: ${sent.length}`, options));
    } catch (error) {
      if (!HookNotFoundError.is(error) || options.hold !== undefined) throw error;
    }
    await setImmediate();
  }
  return sent;
}

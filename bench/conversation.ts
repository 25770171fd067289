import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeThreadProfiles } from "./threads.ts";

/** A process that was started to be asked: a question, its answer, the next question. */
export interface Partner {
  ask<Answer>(question: unknown): Promise<Answer>;
  /** Not in order: the partner does not stop its engine. */
  stop(): Promise<void>;
}

/** Resolves once the process is ready. */
export async function talkTo(child: ChildProcess): Promise<Partner> {
  await answerOf(child);
  return {
    async ask<Answer>(question: unknown) {
      child.send({ question });
      return (await answerOf(child)) as Answer;
    },
    async stop() {
      // It may have died, which its last answer has said.
      if (!child.connected) return;
      child.disconnect();
      await once(child, "exit");
    },
  };
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    const death = once(child, "exit", { signal }).then(([code]) => {
      throw new Error(`The process of the workload ended with ${code}`);
    });
    const [message] = await Promise.race([once(child, "message", { signal }), death]);
    return (message as { readonly answer: unknown }).answer;
  } finally {
    settled.abort();
  }
}

/** The other end: says that this process is ready, and answers until the one that asks has enough, or is gone. */
export function answerQuestions<Question>(
  answer: (question: Question) => Promise<unknown>,
  end: () => Promise<unknown> = () => Promise.resolve(),
): void {
  const say = (words: unknown): void => void process.send?.({ answer: words });
  process.on("message", async ({ question }: { readonly question: Question }) => say(await answer(question)));
  // Like a crash as far as the engine is concerned: the next process has to take everything over.
  process.on("disconnect", async () => {
    await end();
    await writeThreadProfiles();
    process.exit();
  });
  say(null);
}

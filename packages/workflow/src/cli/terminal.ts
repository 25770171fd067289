import { createInterface } from "node:readline";
import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];

/** Where a command prints. */
export interface Terminal {
  /** Columns of the screen. Undefined when standard output is no screen: then nothing is cut. */
  readonly width: number | undefined;
  /** One or more lines on standard output. */
  print(text: string): void;
  /** What is not part of the answer, on standard error. */
  note(text: string): void;
  /** The line that is typed for an answer, without blanks around it. Undefined where nobody can type one, or nobody did. */
  ask(question: string): Promise<string | undefined>;
  /** Adds colour, if standard output shows any. */
  paint(style: Style, text: string): string;
}

export function openTerminal(): Terminal {
  const { stdout, stderr } = process;
  // Whoever read the output has seen enough (`| head`). What is left to do is to close the World.
  for (const stream of [stdout, stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  return {
    width: stdout.isTTY ? stdout.columns : undefined,
    print: (text) => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    ask,
    paint: (style, text) => styleText(style, text, { stream: stdout }),
  };
}

async function ask(question: string): Promise<string | undefined> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) return undefined;
  const lines = createInterface({ input: stdin, output: stdout });
  return new Promise((resolve) => {
    lines.once("close", () => resolve(undefined));
    lines.question(question, (answer) => {
      resolve(answer.trim());
      lines.close();
    });
  });
}

/** What a newcomer types, in every framework: the runner does the same, and the guides say so. */
export const COMMANDS = { develop: "npm run dev", build: "npm run build", start: "npm start" } as const;

/** The commands in the shell blocks of a guide, without comments. */
export function commandsIn(guide: string): readonly string[] {
  const blocks = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block);
  return blocks
    .flatMap((block) => block.split("\n"))
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
}

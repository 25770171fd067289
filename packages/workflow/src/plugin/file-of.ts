/** The file of a module, without what bundlers add to ask for another form of it. */
export function fileOf(id: string): string {
  return id.split("?", 1)[0] as string;
}

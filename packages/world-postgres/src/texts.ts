/** Whether PostgreSQL holds this text as it is. What it cannot hold is not there, so nobody needs to ask for it. */
export function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

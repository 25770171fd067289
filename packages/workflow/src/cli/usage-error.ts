/** What was typed cannot be used. The message is one line and says what is accepted. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A payload that waits for a hook, without the payload. */
export interface HeldRow {
  readonly id: number;
  readonly token: string;
  readonly key: string | null;
  readonly at: number;
  readonly accepted_at: number;
  readonly data: string | null;
}

/** One thing that a program may rely on. Proven by a test whose title has its id as a tag, or out of scope for a reason. */
export interface Statement {
  /** `<file>-<section>`, and `.<name or number>` where a section says more than one thing: `01-1.5.racing`. */
  readonly id: string;
  readonly statement: string;
  /** Why it does not apply here. A statement with a reason has no test. */
  readonly reason?: string;
}

/** The statements of one file of the contract. */
export interface Chapter {
  /** Two digits, as in ids. */
  readonly file: string;
  readonly title: string;
  readonly statements: readonly Statement[];
}

const ID = /^(\d\d-(?:\d+\.\d+|A))(?:\.[\w-]+)?$/;

/** `01-1.5` of `01-1.5.racing`; undefined when the text is no id. */
export function sectionOf(id: string): string | undefined {
  return ID.exec(id)?.[1];
}

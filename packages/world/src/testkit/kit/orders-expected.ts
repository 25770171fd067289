/**
 * What happens around one token. `start`: a run S is made that claims it; `resume`: a payload comes that may be held;
 * `create`, `dispose`, `end`, `cancel`: what A does, or is done to it; `conflict`: B creates a hook; `crash`: the worker
 * of A and S falls silent and another takes over.
 */
export const MOVES = ["start", "create", "resume", "dispose", "end", "cancel", "conflict", "crash"] as const;

export type Move = (typeof MOVES)[number];

/**
 * Two moves in their order; what each comes to; who has the token then; which run has got which payloads. `next` is a
 * run that claims the token afterwards; `(over)`: the run ended before it took the payload.
 */
export type Row = readonly [first: Move, second: Move, answers: string, holder: string, payloads: string];

export const A_HAS_THE_TOKEN: readonly Row[] = [
  ["start", "dispose", "reaches A, frees", "nobody", "A: start"],
  ["dispose", "start", "frees, makes S", "S", "S: start"],
  ["create", "dispose", "A is told of A, frees", "nobody", ""],
  ["dispose", "create", "frees, A gets it", "A", ""],
  ["resume", "dispose", "reaches A, frees", "nobody", "A: resume"],
  ["dispose", "resume", "frees, held", "nobody", "next: resume"],
  ["dispose", "end", "frees, ends", "nobody", ""],
  ["end", "dispose", "ends, refused", "nobody", ""],
  ["dispose", "cancel", "frees, cancels", "nobody", ""],
  ["cancel", "dispose", "cancels, refused", "nobody", ""],
  ["dispose", "conflict", "frees, B gets it", "B", ""],
  ["conflict", "dispose", "B is told of A, frees", "nobody", ""],
  ["dispose", "crash", "frees, A changes hands", "nobody", ""],
  ["crash", "dispose", "A changes hands, refused", "A", ""],
  ["start", "end", "reaches A, ends", "nobody", "A: start (over)"],
  ["end", "start", "ends, makes S", "S", "S: start"],
  ["start", "cancel", "reaches A, cancels", "nobody", "A: start (over)"],
  ["cancel", "start", "cancels, makes S", "S", "S: start"],
  ["resume", "end", "reaches A, ends", "nobody", "A: resume (over)"],
  ["end", "resume", "ends, held", "nobody", "next: resume"],
  ["resume", "cancel", "reaches A, cancels", "nobody", "A: resume (over)"],
  ["cancel", "resume", "cancels, held", "nobody", "next: resume"],
  ["end", "cancel", "ends, ended", "nobody", ""],
  ["cancel", "end", "cancels, refused", "nobody", ""],
  ["end", "conflict", "ends, B gets it", "B", ""],
  ["conflict", "end", "B is told of A, ends", "nobody", ""],
  ["end", "crash", "ends, A is over", "nobody", ""],
  ["crash", "end", "A changes hands, refused", "A", ""],
  ["cancel", "conflict", "cancels, B gets it", "B", ""],
  ["conflict", "cancel", "B is told of A, cancels", "nobody", ""],
  ["cancel", "crash", "cancels, A is over", "nobody", ""],
  ["crash", "cancel", "A changes hands, cancels", "nobody", ""],
  ["resume", "crash", "reaches A, A changes hands", "A", "A: resume"],
  ["crash", "resume", "A changes hands, reaches A", "A", "A: resume"],
  ["conflict", "crash", "B is told of A, A changes hands", "A", ""],
  ["crash", "conflict", "A changes hands, B is told of A", "A", ""],
];

export const NOBODY_HAS_THE_TOKEN: readonly Row[] = [
  ["start", "create", "makes S, A is told of S", "S", "S: start"],
  ["create", "start", "A gets it, reaches A", "A", "A: start"],
  ["start", "resume", "makes S, reaches S", "S", "S: start, resume"],
  ["resume", "start", "held, makes S", "S", "S: resume, start"],
  ["start", "conflict", "makes S, B is told of S", "S", "S: start"],
  ["conflict", "start", "B gets it, reaches B", "B", "B: start"],
  ["start", "crash", "makes S, A changes hands", "S", "S: start"],
  ["crash", "start", "A changes hands, refused", "nobody", ""],
  ["create", "resume", "A gets it, reaches A", "A", "A: resume"],
  ["resume", "create", "held, A gets it", "A", "A: resume"],
  ["create", "end", "A gets it, ends", "nobody", ""],
  ["end", "create", "ends, refused", "nobody", ""],
  ["create", "cancel", "A gets it, cancels", "nobody", ""],
  ["cancel", "create", "cancels, refused", "nobody", ""],
  ["create", "conflict", "A gets it, B is told of A", "A", ""],
  ["conflict", "create", "B gets it, A is told of B", "B", ""],
  ["create", "crash", "A gets it, A changes hands", "A", ""],
  ["crash", "create", "A changes hands, refused", "nobody", ""],
  ["resume", "conflict", "held, B gets it", "B", "B: resume"],
  ["conflict", "resume", "B gets it, reaches B", "B", "B: resume"],
];

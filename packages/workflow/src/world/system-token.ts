/** What the tokens of system hooks begin with (contract 05 section 5.2): those that get the reason of an abort. */
export const SYSTEM_TOKEN = "abrt_";

/** Of the aborts of one signal, told by whoever and however often, one counts. */
export const ABORT_KEY = "abort";

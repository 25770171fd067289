/**
 * The name of the static method that writes an instance of its class: `static [WORKFLOW_SERIALIZE](instance)`. What it
 * returns is stored; any value that can be stored, instances of other such classes among them. It runs in workflow code
 * and on the host, so it must need neither, and do nothing else. The class needs {@link WORKFLOW_DESERIALIZE} too
 * (contract 06 section 6.5).
 */
export const WORKFLOW_SERIALIZE: unique symbol = Symbol.for("workflow-serialize");

/**
 * The name of the static method that makes an instance again: `static [WORKFLOW_DESERIALIZE](data)`. It is given what
 * {@link WORKFLOW_SERIALIZE} returned, with everything in it revived.
 */
export const WORKFLOW_DESERIALIZE: unique symbol = Symbol.for("workflow-deserialize");

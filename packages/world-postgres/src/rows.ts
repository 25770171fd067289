/** SQL for an `EventRow`. `payloads` says whether payloads are wanted. */
export function eventSql(payloads: string): string {
  return `position, turn, type, correlation_id, at, data, CASE WHEN ${payloads}::boolean THEN payload END AS payload`;
}

/** SQL for the key of a run. `runId` is SQL for its id. */
export function runKeySql(runId: string): string {
  return `(SELECT id FROM {schema}.runs WHERE run_id = ${runId})`;
}

/** SQL that is true where rows are of `token`, which is compared through the index on its hash. */
export function ofTokenSql(token: string): string {
  return `hashtextextended(token, 0) = hashtextextended(${token}, 0) AND token = ${token}`;
}

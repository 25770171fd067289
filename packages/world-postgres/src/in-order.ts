/** Has a task begin once those that were given before it with the same key have settled. */
export type InOrder = <T>(key: string, task: () => Promise<T>) => Promise<T>;

/** Statements on several connections overtake each other: calls whose order counts go one after the other. */
export function createInOrder(): InOrder {
  const last = new Map<string, Promise<unknown>>();
  return (key, task) => {
    const before = last.get(key);
    const result = before === undefined ? task() : before.then(task, task);
    const forget = (): void => {
      if (last.get(key) === result) last.delete(key);
    };
    last.set(key, result);
    result.then(forget, forget);
    return result;
  };
}

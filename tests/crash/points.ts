/**
 * Names the places where a process can be killed: `commit:3:before` is just before its third commit. They are counted by
 * their kind, so that one more look for work does not move all that comes after it.
 */
export function createPointNames(): (kind: string, phase: "before" | "after") => string {
  const counts = new Map<string, number>();
  return (kind, phase) => {
    const count = (counts.get(`${kind}:${phase}`) ?? 0) + 1;
    counts.set(`${kind}:${phase}`, count);
    return `${kind}:${count}:${phase}`;
  };
}

/** `count` of the points, always the same ones: the first, the last, and some evenly between. */
export function spread(points: readonly string[], count: number): readonly string[] {
  if (points.length <= count) return points;
  const step = (points.length - 1) / Math.max(count - 1, 1);
  return Array.from({ length: count }, (_, index) => points[Math.round(index * step)] ?? "");
}

import { start } from "workflow/api";
import { sequence } from "./workflows.ts";
const s: number[] = [];
const t1s: number[] = [];
for (let i = 0; i < 3000; i++) {
  const t = performance.now();
  const run = await start(sequence, [1]);
  const t1 = performance.now();
  await run.returnValue;
  s.push(performance.now() - t);
  t1s.push(t1 - t);
}
const med = (a: number[]) => a.slice().sort((x, y) => x - y)[a.length >> 1];
console.log(
  "first200",
  med(s.slice(0, 200)),
  "200-400",
  med(s.slice(200, 400)),
  "400-1000",
  med(s.slice(400, 1000)),
  "last",
  med(s.slice(2000)),
  "start",
  med(t1s.slice(2000)),
);
process.exit();

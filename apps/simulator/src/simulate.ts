import { drawPlan } from "./plan.ts";
import { run } from "./run.ts";
const from = Number(process.argv[2] ?? 0), n = Number(process.argv[3] ?? 100), trace = process.argv[4] === "trace";
const counts = new Map<string, {n: number, ex: string[]}>();
const t = process.hrtime.bigint(); let h = 0; let max = 0, maxSeed = 0, bad = 0;
for (let seed = from; seed < from + n; seed++) {
  const plan = drawPlan(seed);
  if (trace) console.log(JSON.stringify(plan, null, 1));
  const s = process.hrtime.bigint();
  const { breaches, happenings } = await run(plan, trace ? (l) => l && console.log(l) : undefined);
  const ms = Number(process.hrtime.bigint() - s) / 1e6;
  if (ms > max) { max = ms; maxSeed = seed; }
  h += happenings;
  if (breaches.length) bad++;
  const rules = new Set<string>();
  for (const b of breaches) {
    if (trace) console.log(b);
    if (rules.has(b.rule)) continue;
    rules.add(b.rule);
    const c = counts.get(b.rule) ?? { n: 0, ex: [] };
    c.n++; if (c.ex.length < 6) c.ex.push(`${seed} @${(b.at/1000).toFixed(3)}s: ${b.what}`);
    counts.set(b.rule, c);
  }
}
const total = Number(process.hrtime.bigint() - t) / 1e6;
for (const [r, c] of counts) { console.log(`${r}: ${c.n}`); for (const e of c.ex) console.log("    ", e); }
console.log({ seeds: n, bad, msPerSeed: total / n, happeningsPerSeed: h / n, max, maxSeed });

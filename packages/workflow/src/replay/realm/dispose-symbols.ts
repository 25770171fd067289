// Node 22 lacks them, and classes of the prelude name their methods by them: evaluated before all else.
for (const name of ["dispose", "asyncDispose"]) {
  if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol(`Symbol.${name}`) });
}

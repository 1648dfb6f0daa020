const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['μs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
]);

/** A duration as Go writes it (`1h2m`, `1.5ms`), in nanoseconds; null for anything else, also a negative one (Go, time.ParseDuration). */
export function goDuration(text: string): number | null {
  if (text === '0') return 0;
  if (text.length > 64 || !/^\+?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text))
    return null;
  let sum = 0;
  for (const [, amount = '0', unit = ''] of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)([a-zµμ]+)/g))
    sum += Number(amount) * (UNITS.get(unit) ?? 0);
  return sum;
}

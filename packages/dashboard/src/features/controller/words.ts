/** `added_latency` reads "added latency". */
export function spoken(kind: string): string {
  return kind.replaceAll('_', ' ');
}

/** `latency_ms: 800` reads "latency 800 ms"; defaults that change nothing are left out. */
export function spokenParams(params: Readonly<Record<string, unknown>>): string {
  return Object.entries(params)
    .filter(
      ([name, value]) =>
        !(value === '' || (name === 'jitter_ms' && value === 0) || (name === 'rate' && value === 1)),
    )
    .map(([name, value]) => {
      const text =
        typeof value === 'number' || typeof value === 'string' ? String(value) : JSON.stringify(value);
      if (name.endsWith('_ms')) return `${spoken(name.slice(0, -3))} ${text} ms`;
      if (name === 'rate' && typeof value === 'number') return `${Math.round(value * 100)} % of requests`;
      if (name === 'percent') return `${text} %`;
      return `${spoken(name)} ${text}`;
    })
    .join(', ');
}

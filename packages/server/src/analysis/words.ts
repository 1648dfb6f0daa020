import type { Deviation, SignalName } from './deviation.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const SAYS: Readonly<Record<SignalName, (value: string) => string>> = {
  request_rate: (value) => `${value} requests/s`,
  error_ratio: (value) => `${value} of its requests fail`,
  latency_p95: (value) => `95 % of its requests take up to ${value}`,
  cpu_percent: (value) => `it takes ${value} of a processor core`,
  memory_mb: (value) => `it holds ${value} of memory`,
  event_loop_lag: (value) => `its event loop lags by ${value}`,
};

/** A deviation as a person would say it, with the figure and what is usual. */
export function deviationWords({ signal, value, usual }: Deviation): string {
  return `${SAYS[signal](figureWords(signal, value))} (usually ${figureWords(signal, usual)})`;
}

function figureWords(signal: SignalName, value: number): string {
  switch (signal) {
    case 'request_rate':
      return value.toFixed(value < 10 ? 1 : 0);
    case 'error_ratio':
      return percent(value);
    case 'cpu_percent':
      return `${Math.round(value)} %`;
    case 'memory_mb':
      return `${Math.round(value)} MB`;
    case 'latency_p95':
    case 'event_loop_lag':
      return took(value);
  }
}

export function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(ratio < 0.1 ? 1 : 0)} %`;
}

export function took(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
}

/** `once`, `3 times`. */
export function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** What stands after "the" for so long a time: `30 seconds`, `minute`, `15 minutes`, `24 hours`. */
export function spanWords(ms: number): string {
  const count = (unitMs: number, unit: string): string => {
    const many = Math.round(ms / unitMs);
    return many === 1 ? unit : `${many} ${unit}s`;
  };
  if (ms < MINUTE_MS) return count(1000, 'second');
  return ms < 2 * HOUR_MS ? count(MINUTE_MS, 'minute') : count(HOUR_MS, 'hour');
}

/** At most so many characters of a text; what was cut says so. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** A text with the full stop that it ends with, or lacks. */
export function sentence(text: string): string {
  return /[.!?…]$/u.test(text) ? text : `${text}.`;
}

/** `one, two and three`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

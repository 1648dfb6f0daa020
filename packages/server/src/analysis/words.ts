import type { Deviation, SignalName } from './deviation.ts';

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

/** `one, two and three`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** `98.8%` of a ratio 0..1. */
export function percentWords(ratio: number): string {
  return `${(ratio * 100).toFixed(1)}%`;
}

/** `2d 14h 32m` of milliseconds of an uptime. */
export function uptimeWords(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  return `${Math.floor(minutes / 1440)}d ${Math.floor(minutes / 60) % 24}h ${minutes % 60}m`;
}

/** `40s`, `15m`, `2h 5m`, `3d 1h` of milliseconds: how long something lasts. */
export function durationWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

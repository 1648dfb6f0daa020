/** How long a silence may last, by one press. */
export const PRESETS: readonly { readonly name: string; readonly ms: number }[] = [
  { name: '30m', ms: 1_800_000 },
  { name: '1h', ms: 3_600_000 },
  { name: '2h', ms: 7_200_000 },
  { name: '8h', ms: 28_800_000 },
  { name: '1d', ms: 86_400_000 },
  { name: '1w', ms: 604_800_000 },
];

/** Epoch ms of what a field for date and time holds, in the browser's time zone; null when it holds none. */
export function dateTimeOf(text: string): number | null {
  const at = text === '' ? Number.NaN : new Date(text).getTime();
  return Number.isNaN(at) ? null : at;
}

/** What such a field holds for an instant. */
export function inputOf(at: number): string {
  const date = new Date(at);
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

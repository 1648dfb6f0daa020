import { slotColor } from '../../../ui/chart/colors.ts';
import type { FieldSettings, Thresholds } from '../model.ts';

/** Hues of the names that dashboards of the field use, as roles of the palette, so that they fit both themes. */
const HUES: Readonly<Record<string, string>> = {
  green: 'var(--healthy)',
  red: 'var(--unhealthy)',
  orange: 'var(--degraded)',
  yellow: 'var(--s5)',
  blue: 'var(--s1)',
  purple: 'var(--s8)',
  gray: 'var(--ink-3)',
  text: 'var(--ink)',
  white: 'var(--ink)',
  black: 'var(--ink)',
};

/** A colour of the model as CSS: `green`, `semi-dark-red`, `#e0b400`, `rgb(…)`, `transparent`. */
export function cssOf(name: string): string {
  const shade = /^(super-light|light|semi-dark|dark)-(\w+)$/.exec(name);
  const hue = HUES[shade?.[2] ?? name];
  if (hue === undefined) return name;
  switch (shade?.[1] ?? '') {
    case 'super-light':
      return `color-mix(in srgb, ${hue} 55%, var(--ground))`;
    case 'light':
      return `color-mix(in srgb, ${hue} 75%, var(--ground))`;
    case 'semi-dark':
      return `color-mix(in srgb, ${hue} 88%, var(--ink))`;
    case 'dark':
      return `color-mix(in srgb, ${hue} 75%, var(--ink))`;
    default:
      return hue;
  }
}

/** The step a value stands on; null below all. */
function stepOf(thresholds: Thresholds, value: number, low: number, high: number): number {
  const scaled = thresholds.mode === 'percentage' ? ((value - low) / (high - low || 1)) * 100 : value;
  return thresholds.steps.findLastIndex((step) => step.value === null || scaled >= step.value);
}

export const DEFAULT_THRESHOLDS: Thresholds = { mode: 'absolute', steps: [{ value: null, color: 'green' }] };

const COLD_TO_HOT = ['var(--healthy)', 'var(--s5)', 'var(--unhealthy)'] as const;

/** The colour a value has by its thresholds, its fixed colour, or its place between the ends; `slot` is its series' own. */
export function valueColor(
  settings: FieldSettings,
  value: number | null,
  slot: number,
  ends?: readonly [number, number],
): string {
  const mode = settings.color?.mode ?? 'thresholds';
  if (mode === 'fixed' && settings.color?.fixed !== undefined) return cssOf(settings.color.fixed);
  if (mode === 'palette') return slotColor(slot);
  if (value === null || Number.isNaN(value)) return 'var(--ink-3)';
  const [low, high] = ends ?? [settings.min ?? 0, settings.max ?? 100];
  if (mode === 'continuous') {
    const share = Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
    const [from, to] = share < 0.5 ? [COLD_TO_HOT[0], COLD_TO_HOT[1]] : [COLD_TO_HOT[1], COLD_TO_HOT[2]];
    return `color-mix(in srgb, ${to} ${Math.round((share < 0.5 ? share : share - 0.5) * 200)}%, ${from})`;
  }
  const thresholds = settings.thresholds ?? DEFAULT_THRESHOLDS;
  const step = thresholds.steps[stepOf(thresholds, value, low, high)];
  return step === undefined ? 'var(--ink)' : cssOf(step.color);
}

import { expect, it } from 'vitest';
import { hoverText } from './hover-text.ts';

const TO = Date.UTC(2026, 10, 22, 12);

it('tells the instant, and what was marked within a hundredth and a half of the time shown', () => {
  const shown = { from: TO - 600_000, to: TO };
  const markers = [{ at: TO - 300_000, kind: 'deployment', label: 'order 9.9' }] as const;
  expect(hoverText(TO - 305_000, shown, markers, 'utc')).toBe(
    `order 9.9 · ${hoverText(TO - 305_000, shown, [], 'utc')}`,
  );
  expect(hoverText(TO - 310_000, shown, markers, 'utc')).not.toContain('order');
});

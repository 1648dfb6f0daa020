import { escapeMarkup } from '../../kernel/html.ts';
import type { PublicComponent, PublicStatus, Snapshot } from '../snapshot.ts';
import { percent, uptimeOf } from '../uptime.ts';
import { STATUS_WORD } from './text.ts';

export const BADGE_KINDS = ['status', 'uptime', 'response-time'] as const;
export type BadgeKind = (typeof BADGE_KINDS)[number];

const GREEN = '#16794a';
const AMBER = '#8f5b00';
const RED = '#b3261e';
const GREY = '#5a6472';
const BLUE = '#2353c9';
const COLOR: Readonly<Record<PublicStatus, string>> = {
  operational: GREEN,
  degraded: AMBER,
  down: RED,
  maintenance: BLUE,
  unknown: GREY,
};

/** What a badge says of a component, or of the whole page. */
export function badge(
  kind: BadgeKind,
  of: Pick<PublicComponent, 'name' | 'status' | 'days' | 'responseMs'>,
  days: number,
): string {
  switch (kind) {
    case 'status':
      return draw(of.name, STATUS_WORD[of.status], COLOR[of.status]);
    case 'uptime': {
      const uptime = uptimeOf(of.days, days);
      const color = uptime === null ? GREY : uptime >= 0.999 ? GREEN : uptime >= 0.99 ? AMBER : RED;
      return draw(`${of.name} uptime ${days} d`, uptime === null ? 'not known' : percent(uptime), color);
    }
    case 'response-time':
      return draw(
        `${of.name} response time`,
        of.responseMs === null ? 'not known' : `${Math.round(of.responseMs)} ms`,
        of.responseMs === null ? GREY : BLUE,
      );
  }
}

/** The page as if it were one component: as well as its worst, up as much as the mean. */
export function wholePage({ title, status, groups }: Snapshot): PublicComponent {
  const all = groups.flatMap(({ components }) => components);
  const length = Math.max(0, ...all.map(({ days }) => days.length));
  const days = Array.from({ length }, (_, i) =>
    uptimeOf(
      all.map((one) => one.days[i] ?? null),
      all.length,
    ),
  );
  const times = all.flatMap(({ responseMs }) => responseMs ?? []);
  return {
    id: 'page',
    name: title,
    status,
    days,
    uptime: uptimeOf(days),
    responseMs: times.length === 0 ? null : times.reduce((sum, ms) => sum + ms, 0) / times.length,
  };
}

const HEIGHT = 20;
const PADDING = 6;
const MOST_CHARACTERS = 80;

function draw(label: string, value: string, color: string): string {
  const [left, right] = [label, value].map((text) => Array.from(text).slice(0, MOST_CHARACTERS).join(''));
  const [a, b] = [widthOf(left ?? '') + 2 * PADDING, widthOf(right ?? '') + 2 * PADDING];
  const text = (x: number, content: string): string =>
    `<text x="${x}" y="14" textLength="${widthOf(content)}" lengthAdjust="spacingAndGlyphs">${escapeMarkup(content)}</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${a + b}" height="${HEIGHT}" role="img" aria-label="${escapeMarkup(`${left}: ${right}`)}">` +
    `<title>${escapeMarkup(`${left}: ${right}`)}</title>` +
    `<clipPath id="r"><rect width="${a + b}" height="${HEIGHT}" rx="3"/></clipPath>` +
    `<g clip-path="url(#r)"><rect width="${a}" height="${HEIGHT}" fill="#3a414b"/><rect x="${a}" width="${b}" height="${HEIGHT}" fill="${color}"/></g>` +
    `<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${text(PADDING, left ?? '')}${text(a + PADDING, right ?? '')}</g></svg>`
  );
}

/** About the width of a text in Verdana at 11 px; the text is stretched to it, so that it always fits. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text)
    width += /[il.,:;|!' ]/.test(character)
      ? 4
      : /[mwMW@%]/.test(character)
        ? 10.5
        : character > '\u2e80'
          ? 11
          : 7;
  return Math.round(width);
}

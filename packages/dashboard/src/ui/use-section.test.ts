import { expect, it } from 'vitest';
import { sectionOf } from './use-section.ts';

it('a page belongs to the nearest of the pages above it', () => {
  const pages = ['/alerts', '/alerts/rules', '/alerts/slos'] as const;
  expect(
    ['/alerts/rules', '/alerts/rules/$id/edit', '/alerts/$fingerprint', '/alerts', '/alertsome'].map(
      (route) => sectionOf(pages, route),
    ),
  ).toEqual(['/alerts/rules', '/alerts/rules', '/alerts', '/alerts', undefined]);
});

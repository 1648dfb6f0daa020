import { expect, it } from 'vitest';
import type { TimelineEntry } from './contracts.ts';
import { foldedOf } from './fold.ts';

const AT = Date.UTC(2026, 0, 1);
const entry = (text: string, seconds: number, more: Partial<TimelineEntry> = {}): TimelineEntry => ({
  at: AT + seconds * 1000,
  kind: 'alert',
  what: null,
  text,
  service: '',
  by: '',
  of: `f${seconds}${text}`,
  ...more,
});
const joined = (name: string, seconds: number): TimelineEntry =>
  entry(`${name} of h${seconds} began together with Down of store`, seconds, {
    what: 'joined',
    of: `${name} ${seconds}`,
  });
const members = (entries: readonly TimelineEntry[]) =>
  entries.flatMap(({ of }) => {
    const [alertname] = of.split(' ');
    return alertname === undefined || alertname.startsWith('f')
      ? []
      : [{ fingerprint: of, labels: { alertname } }];
  });
const shown = (entries: readonly TimelineEntry[]): readonly string[] =>
  foldedOf(entries, members(entries)).map((one) =>
    'entries' in one ? `${one.text} [${one.entries.length}]` : one.text,
  );

it('is one line for alerts that joined at once, and has them all in their order', () => {
  const many = Array.from({ length: 40 }, (_, i) => joined(i % 20 === 3 ? 'Disk' : 'Hot', i / 10));
  const all = [
    entry('Down of store fired', 0, { what: 'opened' }),
    ...many,
    entry('Hot of h1 ended', 10, { what: 'ended' }),
  ];
  const [first, fold, last] = foldedOf(all, members(all));
  expect([first, last]).toEqual([all[0], all.at(-1)]);
  const text = '40 alerts joined within 4\u202fs: Hot (38), Disk (2)';
  expect(fold).toMatchObject({ at: AT, kind: 'alert', text, entries: many });
});

it('keeps apart what is of another kind, what came later, and two alone', () => {
  const three = (seconds: number) => [joined('Hot', seconds), joined('Hot', seconds), joined('Hot', seconds)];
  expect(
    shown([
      ...three(0),
      entry('Hot of a is well', 1, { what: 'ended' }),
      entry('Hot of b is well', 1, { what: 'ended' }),
      entry('Hot of c is well', 1, { what: 'ended' }),
      entry('ada looks', 2, { kind: 'note' }),
      ...three(3),
      ...three(64),
      joined('Hot', 200),
      joined('Hot', 200),
    ]),
  ).toEqual([
    '3 alerts joined: Hot [3]',
    '3 alerts ended [3]',
    'ada looks',
    '3 alerts joined: Hot [3]',
    '3 alerts joined: Hot [3]',
    'Hot of h200 began together with Down of store',
    'Hot of h200 began together with Down of store',
  ]);
});

it('names the most frequent of many', () => {
  const names = ['A', 'A', 'B', 'C', 'D', 'E', 'E', 'E'];
  expect(shown(names.map((name) => joined(name, 1)))).toEqual([
    '8 alerts joined: E (3), A (2), B (1), 2 more [8]',
  ]);
});

it('goes by what happened, not by words', () => {
  const three = (what: string | null, text: string) =>
    Array.from({ length: 3 }, () => entry(text, 0, { what, of: 'Hot 1' }));
  expect(shown([...three('again', 'x'), ...three(null, 'Hot of a ended'), ...three('split', 'Hot')])).toEqual(
    [
      '3 alerts fired again: Hot [3]',
      ...Array.from({ length: 3 }, () => 'Hot of a ended'),
      ...Array.from({ length: 3 }, () => 'Hot'),
    ],
  );
});

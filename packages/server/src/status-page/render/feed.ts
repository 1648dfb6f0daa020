import { escapeMarkup } from '../../kernel/html.ts';
import type { Snapshot } from '../snapshot.ts';
import { IMPACT_WORD, PHASE_WORD } from './text.ts';

const MOST_ENTRIES = 50;

/** The incidents as an Atom feed (RFC 4287), one entry for each update. `pageUrl` is where the page is. */
export function atomFeed({ title, at, incidents }: Snapshot, pageUrl: string): string {
  const entries = incidents
    .flatMap((one) => one.updates.map((update) => ({ one, update })))
    .sort((a, b) => b.update.at - a.update.at)
    .slice(0, MOST_ENTRIES);
  const time = (ms: number): string => new Date(ms).toISOString();
  const text = (name: string, content: string): string => `<${name}>${escapeMarkup(content)}</${name}>`;
  const link = escapeMarkup(pageUrl);
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    text('title', title),
    text('id', pageUrl),
    `<link href="${link}"/>`,
    `<link rel="self" type="application/atom+xml" href="${link}/feed.atom"/>`,
    text('updated', time(entries[0]?.update.at ?? at)),
    `<author>${text('name', title)}</author>`,
    ...entries.map(({ one, update }) =>
      [
        '<entry>',
        text('title', `${PHASE_WORD[update.phase]}: ${one.title}`),
        text('id', `${pageUrl}#${one.id}-${update.at}`),
        `<link href="${link}#${escapeMarkup(one.id)}"/>`,
        text('updated', time(update.at)),
        `<category term="${escapeMarkup(IMPACT_WORD[one.impact])}"/>`,
        `<content type="text">${escapeMarkup(update.text)}</content>`,
        '</entry>',
      ].join(''),
    ),
    '</feed>',
    '',
  ].join('\n');
}

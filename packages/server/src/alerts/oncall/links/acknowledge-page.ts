import { escapeMarkup, plainDocument } from '../../../kernel/html.ts';
import { formatLabelSet } from '../../labels/label-set.ts';
import type { Page } from '../page/page.ts';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
h1{font-size:1.4rem}dt{font-weight:600}dd{margin:0 0 .5rem;overflow-wrap:anywhere}ol{padding-left:1.2rem}
button{font:inherit;padding:.7rem 1.4rem;border-radius:.4rem;border:1px solid;cursor:pointer}button.main{font-weight:700}
input{font:inherit;padding:.5rem;width:100%;box-sizing:border-box;margin:.2rem 0 1rem}.note{border-left:4px solid;padding-left:.8rem}`;
/** Of the trail, the newest. */
const MOST_EVENTS = 10;

export interface ShownPage {
  readonly page: Page;
  /** What just happened. */
  readonly note: string;
  /** Whom the link was given to; empty asks for a name. */
  readonly person: string;
}

/** The page behind a link: looking at it changes nothing, only its buttons do. One document without a script, for any phone. */
export function acknowledgeHtml({ page, note, person }: ShownPage): string {
  const { labels, annotations, groupLabels, phase, firing, events } = page;
  const title = labels.get('alertname') ?? formatLabelSet(groupLabels);
  const facts: readonly (readonly [string, string])[] = [
    ['What', annotations.get('summary') ?? annotations.get('description') ?? formatLabelSet(labels)],
    ['Alerts', phase.kind === 'ended' ? 'all ended' : `${firing} firing`],
    ['Since', timeText(page.openedAt)],
    ['State', stateText(page)],
  ];
  return documentOf(title, [
    note === '' ? '' : `<p class="note" role="status">${escapeMarkup(note)}</p>`,
    `<dl>${facts.map(([name, text]) => `<dt>${name}</dt><dd>${escapeMarkup(text)}</dd>`).join('')}</dl>`,
    formOf(page, person),
    '<h2>What happened</h2><ol reversed>',
    ...events
      .slice(-MOST_EVENTS)
      .toReversed()
      .map(({ at, text }) => `<li>${timeText(at)}: ${escapeMarkup(text)}</li>`),
    '</ol>',
  ]);
}

/** A link that leads nowhere, and why. */
export function brokenLinkHtml(why: string): string {
  return documentOf('This link does not work', [`<p>${escapeMarkup(why)}</p>`]);
}

function documentOf(title: string, body: readonly string[]): string {
  return plainDocument({
    title,
    style: STYLE,
    head: '<meta name="robots" content="noindex">',
    body: [`<h1>${escapeMarkup(title)}</h1>`, ...body],
  });
}

/** Its address is the link's own: the token stays in it. */
function formOf({ phase }: Page, person: string): string {
  if (phase.kind === 'ended') return '';
  const who =
    person === ''
      ? '<label>Your name<input name="by" required maxlength="100" autocomplete="name"></label>'
      : '';
  const button =
    phase.kind === 'acknowledged'
      ? '<button name="act" value="unacknowledge">Take the acknowledgement back</button>'
      : '<button class="main" name="act" value="acknowledge">Acknowledge</button>';
  return `<form method="post">${who}${button}</form>`;
}

function stateText({ phase, told }: Page): string {
  switch (phase.kind) {
    case 'escalating':
      return told.length === 0 ? 'nobody was told yet' : 'waiting for somebody to acknowledge';
    case 'acknowledged':
      return `acknowledged by ${phase.by} at ${timeText(phase.at)}`;
    case 'exhausted':
      return 'everybody was told, nobody acknowledged';
    case 'ended':
      return `ended at ${timeText(phase.at)}`;
  }
}

/** `2026-01-05 08:00:00 UTC` */
function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

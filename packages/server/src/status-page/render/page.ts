import { escapeMarkup, plainDocument } from '../../kernel/html.ts';
import { type Incident, isOver } from '../definition.ts';
import type { PublicComponent, Snapshot } from '../snapshot.ts';
import { DAY_MS, DAYS, percent } from '../uptime.ts';
import { STYLE } from './style.ts';
import { IMPACT_WORD, OVERALL_WORD, PHASE_WORD, STATUS_MARK, STATUS_WORD } from './text.ts';

const RECENT_DAYS = 14;

export interface PageOptions {
  /** What just happened, above everything; the page then stays as it is. */
  readonly note?: string;
  /** Leads from where the page is shown to the root of the site: empty, or such as `../`. */
  readonly root?: string;
}

/** The whole page: one document without a script, readable in both themes, on a phone, and by a screen reader. */
export function statusPageHtml(snapshot: Snapshot, { note, root = '' }: PageOptions = {}): string {
  const { title, description, status, at, groups, incidents, webhooks } = snapshot;
  const open = incidents.filter((one) => !isOver(one));
  const over = incidents.filter((one) => isOver(one) && one.at > at - RECENT_DAYS * DAY_MS);
  const name = escapeMarkup(title);
  const refresh = note === undefined ? '<meta http-equiv="refresh" content="60">' : '';
  const feed = `<link rel="alternate" type="application/atom+xml" title="${name}" href="${root}status/feed.atom">`;
  const body = [
    `<h1>${name}</h1>`,
    note === undefined ? '' : `<p class="note">${escapeMarkup(note)}</p>`,
    `<p class="overall ${status}"><span aria-hidden="true">${STATUS_MARK[status]}</span> ${OVERALL_WORD[status]}</p>`,
    description === '' ? '' : `<p class="about">${lines(description)}</p>`,
    open.length === 0
      ? ''
      : `<section aria-label="Open incidents">${open.map(incidentHtml).join('')}</section>`,
    ...groups.map(
      ({ name: group, components }) =>
        `<section>${group === '' ? '' : `<h2>${escapeMarkup(group)}</h2>`}<ul class="components">${components
          .map((component) => `<li>${componentHtml(component, at)}</li>`)
          .join('')}</ul></section>`,
    ),
    `<section><h2>Past incidents</h2>${
      over.length === 0
        ? `<p class="quiet">None in the last ${RECENT_DAYS} days.</p>`
        : over.map(incidentHtml).join('')
    }</section>`,
    subscribeHtml(webhooks, root),
    `<footer class="quiet">As of ${timeHtml(at)}. <a href="${root}status/summary.json">JSON</a> <a href="${root}status/feed.atom">Atom</a></footer>`,
  ];
  return plainDocument({
    title: `${title}: ${OVERALL_WORD[status]}`,
    style: STYLE,
    head: `${refresh}${feed}`,
    body,
  });
}

function componentHtml({ name, status, uptime, days, responseMs }: PublicComponent, at: number): string {
  const known = days.filter((value) => value !== null).length;
  const facts = [
    uptime === null ? '' : `${percent(uptime)} up in ${known} ${known === 1 ? 'day' : 'days'}`,
    responseMs === null ? '' : `${Math.round(responseMs)} ms`,
  ].filter((fact) => fact !== '');
  return [
    `<div class="top"><span class="name">${escapeMarkup(name)}</span>`,
    `<span class="state ${status}"><span aria-hidden="true">${STATUS_MARK[status]}</span> ${STATUS_WORD[status]}</span></div>`,
    barsSvg(days, at),
    `<div class="ends quiet"><span>${DAYS} days ago</span><span>${facts.join(', ')}</span><span>today</span></div>`,
  ].join('');
}

const BAR = 5;
const STEP = 7;
const HEIGHT = 28;

/** One bar for each day: red from the ground by the share it was down, grey where nothing is known. */
function barsSvg(days: readonly (number | null)[], at: number): string {
  const today = Math.floor(at / DAY_MS);
  const bars = Array.from({ length: DAYS }, (_, i) => {
    const value = days[days.length - DAYS + i] ?? null;
    const x = i * STEP;
    const date = new Date((today - DAYS + 1 + i) * DAY_MS).toISOString().slice(0, 10);
    const said = `<title>${date}: ${value === null ? 'not known' : `${percent(value)} up`}</title>`;
    if (value === null)
      return `<rect class="none" x="${x}" y="0" width="${BAR}" height="${HEIGHT}">${said}</rect>`;
    const lost = value === 1 ? 0 : Math.max(3, Math.round((1 - value) * HEIGHT));
    const good = `<rect class="up" x="${x}" y="0" width="${BAR}" height="${HEIGHT - lost}"/>`;
    const bad =
      lost === 0 ? '' : `<rect class="lost" x="${x}" y="${HEIGHT - lost}" width="${BAR}" height="${lost}"/>`;
    return `<g>${said}${good}${bad}</g>`;
  });
  const down = days.filter((value) => value !== null && value < 1).length;
  const words = down === 0 ? 'no trouble' : `trouble on ${down} ${down === 1 ? 'day' : 'days'}`;
  return `<svg viewBox="0 0 ${DAYS * STEP - (STEP - BAR)} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Last ${DAYS} days: ${words}">${bars.join('')}</svg>`;
}

function incidentHtml(one: Incident): string {
  return [
    `<article class="incident ${one.impact}" id="${escapeMarkup(one.id)}"><h3>${escapeMarkup(one.title)}`,
    ` <span class="quiet">${IMPACT_WORD[one.impact]}</span></h3>`,
    ...one.updates.map(
      ({ at, phase, text }) =>
        `<p><strong>${PHASE_WORD[phase]}</strong> <span class="quiet">${timeHtml(at)}</span><br>${lines(text)}</p>`,
    ),
    '</article>',
  ].join('');
}

function subscribeHtml(webhooks: boolean, root: string): string {
  const form = webhooks
    ? `<form method="post" action="${root}status/subscribe"><label for="address">A webhook that is told of changes</label> <input id="address" name="address" type="url" required maxlength="2000" placeholder="https://example.com/hook"> <button>Subscribe</button></form>`
    : '';
  return `<section><h2>Stay informed</h2><p>The <a href="${root}status/feed.atom">Atom feed</a> has every update.</p>${form}</section>`;
}

function lines(text: string): string {
  return escapeMarkup(text).replaceAll('\n', '<br>');
}

function timeHtml(at: number): string {
  const iso = new Date(at).toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
}

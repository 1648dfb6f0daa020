import { escapeMarkup, plainDocument } from '../../../kernel/html.ts';
import type { ReadyGroup } from './ready-group.ts';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:1.6rem}pre{overflow-x:auto;padding:.6rem;border:1px solid;border-radius:.4rem}
li{margin:.3rem 0}.severity{font-weight:700}`;

/** What to do about the alerts of a group: one document without a script, for any phone. */
export function runbookHtml({ alerts, runbook }: ReadyGroup): string {
  const { title, means, look, act, tune } = runbook;
  return documentOf(title, [
    `<p>${escapeMarkup(means)}</p>`,
    `<h2>Look</h2><ol>${items(look)}</ol>`,
    `<h2>Act</h2><ul>${items(act)}</ul>`,
    `<h2>Tune</h2><p>${escapeMarkup(tune)} Without an alert of this page: <code>rules: {ready: {without: [NAME]}}</code> in the configuration; <code>pharos ready-rules</code> prints all of them as a rule file to begin with.</p>`,
    '<h2>Alerts of this page</h2>',
    ...alerts.map(
      ({ alert, severity, expr, for: held }) =>
        `<h3 id="${alert}">${alert}</h3><p><span class="severity">${severity}</span>, when for ${held ?? 'a moment'}</p><pre>${escapeMarkup(expr)}</pre>`,
    ),
    '<p><a href="../runbooks">All runbooks</a></p>',
  ]);
}

/** All pages there are. */
export function runbooksHtml(groups: Readonly<Record<string, ReadyGroup>>): string {
  const entries = Object.entries(groups).map(
    ([name, { alerts, runbook }]) =>
      `<li><a href="runbooks/${name}">${escapeMarkup(runbook.title)}</a>: ${alerts.map(({ alert }) => alert).join(', ')}</li>`,
  );
  return documentOf('Runbooks', [`<ul>${entries.join('')}</ul>`]);
}

function items(texts: readonly string[]): string {
  return texts.map((text) => `<li>${escapeMarkup(text)}</li>`).join('');
}

function documentOf(title: string, body: readonly string[]): string {
  return plainDocument({ title, style: STYLE, body: [`<h1>${escapeMarkup(title)}</h1>`, ...body] });
}

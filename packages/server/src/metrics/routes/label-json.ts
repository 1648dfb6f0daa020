import type { Labels } from '@pharos/promql';

/** Label sets of one generation; at most twice as many texts are held, a few hundred bytes each. */
const GENERATION = 10_000;

/** What needs more than quotes around it in JSON. */
// oxlint-disable-next-line no-control-regex -- JSON escapes exactly these
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

let young = new Map<Labels, string>();
let old = new Map<Labels, string>();

/**
 * A label set as a JSON object; names and values are arbitrary text. Dashboards ask for the same series again and again,
 * and the head gives the same object each time, so the texts of objects that come again are remembered.
 */
export function labelsText(labels: Labels): string {
  if (!labels.askedBefore()) return renderLabels(labels);
  const known = young.get(labels);
  if (known !== undefined) return known;
  const text = old.get(labels) ?? renderLabels(labels);
  if (young.size >= GENERATION) {
    old = young;
    young = new Map();
  }
  young.set(labels, text);
  return text;
}

/** The same, made anew. */
export function renderLabels({ pairs }: Labels): string {
  let text = '{';
  for (let i = 0; i < pairs.length; i += 2)
    text += `${i === 0 ? '' : ','}${quoted(pairs[i] ?? '')}:${quoted(pairs[i + 1] ?? '')}`;
  return `${text}}`;
}

/** A JSON string. */
function quoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`;
}

import type { LabelSet } from './label-set.ts';

/** What an alert is about, the first that it says. */
const ABOUT = ['service', 'service_name', 'source', 'job', 'instance', 'host'];
/** Characters of a title that is kept: labels may be as long as their sender likes. */
const MOST_TITLE = 200;

/** `HighErrorRate of order`, in one line: what people call an alert whose labels they do not see. */
export function alertTitle(labels: LabelSet): string {
  const name = labels.get('alertname') ?? 'an alert without a name';
  const about = ABOUT.flatMap((label) => labels.get(label) ?? [])[0];
  const title = about === undefined ? name : `${name} of ${about}`;
  return title.replaceAll(/\s+/g, ' ').trim().slice(0, MOST_TITLE);
}

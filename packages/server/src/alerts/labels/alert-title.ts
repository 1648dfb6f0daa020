import type { LabelSet } from './label-set.ts';

const SERVICES = ['service', 'service_name', 'source', 'job'];
/** What an alert about no service is about, what people know best first: an address is the last that they would say. */
const THINGS = [
  'probe',
  'queue',
  'topic',
  'database',
  'db',
  'deployment',
  'statefulset',
  'pod',
  'host',
  'hostname',
  'nodename',
  'node',
  'instance',
];
/** Characters of a title that is kept: labels may be as long as their sender likes. */
const MOST_TITLE = 200;

/** `HighErrorRate of order`, in one line: what people call an alert whose labels they do not see. */
export function alertTitle(labels: LabelSet): string {
  const name = labels.get('alertname') ?? 'an alert without a name';
  const about = firstOf(labels, SERVICES) ?? thingOf(labels);
  const title = about === undefined ? name : `${name} of ${about}`;
  return title.replaceAll(/\s+/g, ' ').trim().slice(0, MOST_TITLE);
}

/** `db-1`, `orders`: what an alert is about that names no service; undefined where it says nothing. */
export function thingOf(labels: LabelSet): string | undefined {
  return firstOf(labels, THINGS);
}

function firstOf(labels: LabelSet, names: readonly string[]): string | undefined {
  return names.map((name) => labels.get(name)).find((value) => value !== undefined && value !== '');
}

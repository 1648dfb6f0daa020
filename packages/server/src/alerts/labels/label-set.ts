import { quote } from '@pharos/promql';

/** Labels of an alert or a group, or the annotations of one: by name, in the order of their UTF-8 bytes. */
export type LabelSet = ReadonlyMap<string, string>;

/** Where a name comes twice, the last value counts. */
export function labelSet(pairs: Iterable<readonly [string, string]>): LabelSet {
  return new Map([...pairs].sort(([a], [b]) => compareUtf8(a, b)));
}

/** The order of two texts by their UTF-8 bytes, which is Go's. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** In UTF-8 what JavaScript holds as two surrogates comes after everything else. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Alertmanager's order of groups: fewer labels first, then name by name; a name that is missing comes first. */
export function compareLabelSets(a: LabelSet, b: LabelSet): number {
  if (a.size !== b.size) return a.size - b.size;
  for (const name of [...new Set([...a.keys(), ...b.keys()])].sort(compareUtf8)) {
    const left = a.get(name);
    const right = b.get(name);
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    const order = compareUtf8(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

/** Alertmanager's order of alerts: by job, by instance (who has none comes last), then as groups. */
export function compareAlertLabels(a: LabelSet, b: LabelSet): number {
  for (const name of ['job', 'instance']) {
    const left = a.get(name);
    const right = b.get(name);
    if (left === right) continue;
    if (left === undefined) return 1;
    if (right === undefined) return -1;
    return compareUtf8(left, right);
  }
  return compareLabelSets(a, b);
}

/** `{alertname="Down", job="api"}`, as it stands in a group's key. */
export function formatLabelSet(labels: LabelSet): string {
  return `{${[...labels].map(([name, value]) => `${name}=${quote(value)}`).join(', ')}}`;
}

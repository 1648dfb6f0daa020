import { expect, it } from 'vitest';
import type { Alert } from './contracts.ts';
import { groupLabels, rowsOf, sentenceOf, serviceOf } from './rows.ts';

function alert(labels: Record<string, string>): Alert {
  return {
    fingerprint: JSON.stringify(labels),
    state: 'firing',
    labels,
    annotations: {},
    since: 0,
    active_at: null,
    updated_at: null,
    value: null,
    rule: null,
    generator_url: '',
    receivers: [],
    silenced_by: [],
    inhibited_by: [],
    folded_into: [],
    folded_because: '',
    muted_by: [],
    paged: [],
  };
}

const words = (alerts: readonly Alert[], by: string, turned: readonly string[] = []) =>
  rowsOf(alerts, by, new Set(turned)).map((row) =>
    row.kind === 'group' ? `${row.value} ${row.alerts.length} ${row.open}` : (row.alert.labels['n'] ?? ''),
  );

const MANY = [
  ...Array.from({ length: 6 }, (_, i) => alert({ alertname: 'Big', n: String(i) })),
  alert({ alertname: 'Small', n: 'a' }),
  alert({ alertname: 'Small', n: 'b' }),
  alert({ alertname: 'Lone', n: 'c' }),
];

it('puts alerts together by a label; big groups are closed until they are opened', () => {
  expect(words(MANY, 'alertname')).toEqual(['Big 6 false', 'Small 2 true', 'a', 'b', 'c']);
  expect(words(MANY, 'alertname', ['Big', 'Small']).slice(0, 3)).toEqual(['Big 6 true', '0', '1']);
  expect(words(MANY.slice(0, 6), 'alertname')[0]).toBe('Big 6 true');
  expect(words(MANY, '')).toHaveLength(9);
  expect(words([alert({ n: 'x' }), alert({ n: 'y' })], 'team')).toEqual([' 2 true', 'x', 'y']);
});

it('names labels by how many alerts have them', () => {
  expect(groupLabels([...MANY, alert({ n: 'd', zone: 'e' })])).toEqual(['n', 'alertname', 'zone']);
});

it('finds what an alert says and whom it is about', () => {
  expect(sentenceOf({ annotations: { summary: '', description: 'It is slow' } })).toBe('It is slow');
  expect(serviceOf({ labels: { job: 'j', service: 's' } })).toBe('s');
  expect(serviceOf({ labels: { alertname: 'x' } })).toBe(null);
});

import { describe, expect, it } from 'vitest';
import { loadAlertmanagerConfig } from '../config/load.ts';
import { labelSet } from '../labels/label-set.ts';
import { type Alert, alertOf } from '../received/alert.ts';
import { Inhibitor } from './inhibitor.ts';

const NOW = 1000;
const alert = (labels: Record<string, string>, endsAt = 2000): Alert =>
  alertOf({
    labels: labelSet(Object.entries(labels)),
    annotations: new Map(),
    startsAt: 0,
    endsAt,
    updatedAt: 0,
    isTimeout: false,
    generatorUrl: '',
  });

function inhibitor(rules: string, ...sources: readonly Alert[]): Inhibitor {
  const text = `route: { receiver: a }\nreceivers: [{ name: a }]\ninhibit_rules:\n${rules}`;
  const loaded = loadAlertmanagerConfig({ name: 'am.yml', text, directory: null });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const made = new Inhibitor(loaded.config.inhibitRules);
  for (const source of sources) made.observe(source);
  return made;
}

const isQuiet = (one: Inhibitor, labels: Record<string, string>, now = NOW) =>
  one.inhibiting(labelSet(Object.entries(labels)), now).length > 0;

const BY_CLUSTER = `
  - source_matchers: [severity=critical]
    target_match: { severity: warning }
    equal: [cluster]
`;

describe('Inhibitor', () => {
  const source = alert({ severity: 'critical', cluster: 'x', job: 'a' });
  const one = inhibitor(BY_CLUSTER, source);

  it.each([
    [{ severity: 'warning', cluster: 'x' }, true],
    [{ severity: 'warning', cluster: 'y' }, false],
    [{ severity: 'warning' }, false],
    [{ severity: 'info', cluster: 'x' }, false],
    [{ severity: 'critical', cluster: 'x', job: 'a' }, false],
  ])('%o is quiet: %s', (labels, expected) => {
    expect(isQuiet(one, labels)).toBe(expected);
  });

  it('says why', () => {
    expect(
      one.inhibiting(
        labelSet([
          ['severity', 'warning'],
          ['cluster', 'x'],
        ]),
        NOW,
      ),
    ).toEqual([{ rule: 0, name: '', source: source.fingerprint }]);
  });

  it('takes a missing label for an empty one', () => {
    const without = inhibitor(BY_CLUSTER, alert({ severity: 'critical' }));
    expect(isQuiet(without, { severity: 'warning' })).toBe(true);
    expect(isQuiet(without, { severity: 'warning', cluster: 'x' })).toBe(false);
  });

  it('ends with its source', () => {
    const warning = { severity: 'warning', cluster: 'x' };
    expect([isQuiet(one, warning, 1999), isQuiet(one, warning, 2000)]).toEqual([true, false]);
    const again = inhibitor(BY_CLUSTER, source, alert({ severity: 'critical', cluster: 'x', job: 'a' }, 500));
    expect(isQuiet(again, warning)).toBe(false);
    again.forget(NOW);
    again.observe(source);
    expect(isQuiet(again, warning)).toBe(true);
  });

  it('never lets an alert inhibit itself, nor two each other', () => {
    const both = inhibitor(
      '  - { source_match_re: { alertname: "A|B" }, target_match_re: { alertname: "A|B|C" } }',
      alert({ alertname: 'A' }),
      alert({ alertname: 'B' }),
    );
    expect(['A', 'B', 'C'].map((alertname) => isQuiet(both, { alertname }))).toEqual([false, false, true]);
  });

  it('lets one that is only a source inhibit one that is both', () => {
    const chain = inhibitor(
      '  - { source_match: { s: "1" }, target_match: { t: "1" } }',
      alert({ s: '1', t: '1', n: 'both' }),
      alert({ s: '1', n: 'source' }),
    );
    expect(isQuiet(chain, { s: '1', t: '1', n: 'both' })).toBe(true);
    expect(isQuiet(chain, { s: '1', n: 'source' })).toBe(false);
    expect(isQuiet(chain, { t: '1', n: 'target' })).toBe(true);
  });

  it('names one source per rule, in their order', () => {
    const two = inhibitor(
      '  - { name: first, source_match: { a: "1" }, target_match: { t: "1" } }\n  - { source_match: { b: "1" }, target_match: { t: "1" } }',
      alert({ b: '1' }),
      alert({ a: '1', n: '1' }),
      alert({ a: '1', n: '2' }),
    );
    expect(two.inhibiting(labelSet([['t', '1']]), NOW).map(({ rule, name }) => [rule, name])).toEqual([
      [0, 'first'],
      [1, ''],
    ]);
  });
});

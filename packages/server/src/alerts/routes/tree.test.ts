import { describe, expect, it } from 'vitest';
import { loadAlertmanagerConfig } from '../config/load.ts';
import { labelSet } from '../labels/label-set.ts';
import { groupLabelsOf, matchingRoutes, type RouteNode, routeTree, walkRoutes } from './tree.ts';

function tree(routes: string, root = ''): RouteNode {
  const text = `route:\n  receiver: root\n${root}  routes:\n${routes}\nreceivers: [{ name: root }, { name: a }, { name: b }, { name: c }, { name: d }]\n`;
  const loaded = loadAlertmanagerConfig({ name: 'am.yml', text, directory: null });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return routeTree(loaded.config.route);
}

const of = (labels: Record<string, string>) => labelSet(Object.entries(labels));

const TREE = tree(
  `
    - matchers: [owner=team-A]
      receiver: a
      group_by: [cluster]
      routes:
        - match: { env: testing }
          receiver: b
          group_by: ['...']
          group_wait: 0s
          routes:
            - { matchers: [quick=yes], group_by: [job] }
        - { match: { env: production }, group_wait: 1m, continue: true }
        - { match_re: { env: 'produ.*', job: '.*' }, receiver: c, group_wait: 2m }
    - { matchers: ['owner=~"team-(B|C)"'], group_interval: 10m, receiver: d }
`,
  '  group_by: [alertname]\n',
);

describe('matchingRoutes', () => {
  it.each([
    [{}, ['root']],
    [{ owner: 'team-A' }, ['a']],
    [{ owner: 'team-A', env: 'unset' }, ['a']],
    [{ owner: 'team-A', env: 'testing' }, ['b']],
    [{ owner: 'team-A', env: 'production' }, ['a', 'c']],
    [{ owner: 'team-A', env: 'produce' }, ['c']],
    [{ owner: 'team-C' }, ['d']],
    [{ owner: 'team-BC' }, ['root']],
  ])('%o goes to %s', (labels, expected) => {
    expect(matchingRoutes(TREE, of(labels)).map(({ options }) => options.receiver)).toEqual(expected);
  });

  it('has from above what a node does not say', () => {
    const [node] = matchingRoutes(TREE, of({ owner: 'team-A', env: 'testing', quick: 'yes' }));
    expect(node?.options).toEqual({
      receiver: 'b',
      groupBy: new Set(['job']),
      isGroupedByAll: false,
      groupWaitMs: 0,
      groupIntervalMs: 300_000,
      repeatIntervalMs: 14_400_000,
      muteTimeIntervals: [],
      activeTimeIntervals: [],
    });
  });

  it('starts from the defaults', () => {
    expect(TREE.options).toMatchObject({
      groupWaitMs: 30_000,
      groupIntervalMs: 300_000,
      repeatIntervalMs: 14_400_000,
    });
  });

  it('does not hand intervals down', () => {
    const text = `
route: { receiver: a, routes: [ { mute_time_intervals: [n], active_time_intervals: [n], routes: [ {} ] } ] }
time_intervals: [ { name: n } ]
receivers: [ { name: a } ]`;
    const loaded = loadAlertmanagerConfig({ name: 'am.yml', text, directory: null });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const [outer] = routeTree(loaded.config.route).children;
    expect([outer?.options.muteTimeIntervals, outer?.options.activeTimeIntervals]).toEqual([['n'], ['n']]);
    expect(outer?.children[0]?.options).toMatchObject({ muteTimeIntervals: [], activeTimeIntervals: [] });
  });
});

describe('keys and ids', () => {
  it("are Alertmanager's", () => {
    const [node] = matchingRoutes(TREE, of({ owner: 'team-A', env: 'testing' }));
    expect([TREE.key, TREE.id]).toEqual(['{}', '{}']);
    expect(node?.key).toBe('{}/{owner="team-A"}/{env="testing"}');
    expect(node?.id).toBe('{}/{owner="team-A"}/0/{env="testing"}/0');
  });

  it('sort matchers, and tell equal nodes apart by their ids', () => {
    const twins = tree(
      '    - { matchers: [\'b=1\', \'a=~"x"\'] }\n    - { matchers: [\'{a=~"x",b="1"}\'] }',
    ).children;
    expect(twins.map(({ key }) => key)).toEqual(['{}/{a=~"x",b="1"}', '{}/{a=~"x",b="1"}']);
    expect(twins.map(({ id }) => id)).toEqual(['{}/{a=~"x",b="1"}/0', '{}/{a=~"x",b="1"}/1']);
  });
});

describe('walkRoutes', () => {
  it('shows the way, and what did not match', () => {
    const { steps } = walkRoutes(TREE, of({ owner: 'team-A', env: 'production' }));
    expect(
      steps.map(({ node, depth, isMatch, failed }) => [
        depth,
        node.options.receiver,
        isMatch,
        failed?.name ?? null,
      ]),
    ).toEqual([
      [0, 'root', true, null],
      [1, 'a', true, null],
      [2, 'b', false, 'env'],
      [2, 'a', true, null],
      [2, 'c', true, null],
    ]);
  });
});

describe('groupLabelsOf', () => {
  const labels = of({ alertname: 'Down', cluster: 'x', job: 'api' });
  const node = (routed: Record<string, string>) => matchingRoutes(TREE, of(routed))[0]!.options;

  it.each([
    ['by name', {}, { alertname: 'Down' }],
    ['by the node', { owner: 'team-A' }, { cluster: 'x' }],
    ['by all', { owner: 'team-A', env: 'testing' }, { alertname: 'Down', cluster: 'x', job: 'api' }],
  ])('%s', (_name, routed, expected) => {
    expect(Object.fromEntries(groupLabelsOf(labels, node(routed)))).toEqual(expected);
  });
});

import { expect, it } from 'vitest';
import { labelSet } from '../../labels/label-set.ts';
import type { Page } from './page.ts';
import { pageKind, pageOf, storedPage } from './stored.ts';

const PAGE: Page = {
  id: 'id',
  receiver: 'pager',
  group: 'g',
  route: 'r',
  groupLabels: labelSet([['alertname', 'Down']]),
  notices: 'before#id',
  policy: 'p',
  rule: 'critical',
  openedAt: 7,
  phase: { kind: 'escalating', next: 500, position: null },
  tellings: 2,
  reach: { since: 9, isReached: true, vain: 3 },
  told: [{ receiver: 'ada', person: null }],
  fingerprints: ['a'],
  firing: 1,
  labels: labelSet([]),
  annotations: labelSet([]),
  events: [],
};

it('a page comes back as it was', () => {
  expect(pageOf(pageKind.schema.parse(storedPage(PAGE)))).toEqual(PAGE);
});

it('a page of a version that did not ask whether anybody was reached is loaded', () => {
  const { reach: _reach, ...old } = storedPage(PAGE);
  expect(pageOf(pageKind.schema.parse(old)).reach).toEqual({ since: 7, isReached: false, vain: 0 });
});

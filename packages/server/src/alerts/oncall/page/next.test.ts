import { describe, expect, it } from 'vitest';
import { labelSet } from '../../labels/label-set.ts';
import type { Level, Policy } from '../config/policy.ts';
import { nextTelling } from './next.ts';
import type { Page, Position } from './page.ts';
import type { PageWorld } from './step.ts';

const level = (kind: 'schedule' | 'person' | 'receiver', name: string, times = 1): Level => ({
  targets: [{ kind, name }],
  times,
  everyMs: 60_000,
});
const POLICY: Policy = {
  name: 'p',
  repeat: 1,
  acknowledgedForMs: null,
  rules: [
    {
      name: 'critical',
      matchers: [],
      delayMs: 0,
      during: null,
      levels: [level('schedule', 's', 2), level('schedule', 'empty'), level('receiver', 'team')],
    },
  ],
};
const WORLD: PageWorld = {
  now: 0,
  policy: POLICY,
  onCall: (schedule) => (schedule === 's' ? 'ada' : null),
  contactsOf: (person) => [`${person}-phone`],
  isReached: () => true,
};

const page = (phase: Page['phase'], rule = 'critical'): Page => ({
  id: 'id',
  receiver: 'pager',
  group: 'g',
  route: 'r',
  groupLabels: labelSet([]),
  policy: 'p',
  rule,
  openedAt: 0,
  phase,
  tellings: 0,
  reach: { since: 0, isReached: true, vain: 0 },
  told: [],
  fingerprints: [],
  firing: 1,
  labels: labelSet([]),
  annotations: labelSet([]),
  events: [],
});
const FIRST: Position = { round: 0, level: 0, time: 0 };
const at = (position: Position | null) => page({ kind: 'escalating', next: 500, position });

describe('who is told next', () => {
  it('is who is on call then, by which level and the how-manieth time', () => {
    expect(nextTelling(at({ round: 0, level: 0, time: 1 }), WORLD)).toEqual({
      at: 500,
      level: 1,
      levels: 3,
      time: 2,
      times: 2,
      recipients: [{ receiver: 'ada-phone', person: 'ada' }],
    });
  });

  it('leaves out levels that have nobody', () => {
    expect(nextTelling(at({ round: 0, level: 1, time: 0 }), WORLD)).toMatchObject({
      level: 3,
      recipients: [{ receiver: 'team', person: null }],
    });
  });

  it.each([
    ['all were told', at(null)],
    ['somebody acknowledged', page({ kind: 'acknowledged', by: 'ada', at: 0, until: 9, position: FIRST })],
    ['nobody is left', page({ kind: 'exhausted' })],
    ['its urgency is in the policy no more', page(at(FIRST).phase, 'other')],
  ])('is nobody when %s', (_name, one) => {
    expect(nextTelling(one, WORLD)).toBeNull();
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BLUE, openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { ruleId } from '../pages/shown-rules.ts';
import { freshGroup } from '../rules/state/rule-state.ts';
import { backTestApi } from './routes.ts';
import { MINUTE, readOf, storeOf, T0, testerOf } from './testing/world.ts';

let app: HttpApp;
afterEach(() => app.close());

const SAVED = readOf({ alert: 'A', for: '5m' });

/** Above 5 from minute 10 to 20, an hour stored. */
async function world() {
  const store = storeOf({ 'm{job="a"}': '0x19 6x9 9x9 0x80', 'm{job="b"}': '0x120' });
  app = await openTestApp([
    backTestApi({
      clock: new ManualClock(T0 + 60 * MINUTE),
      tester: testerOf(store),
      rules: {
        groups: () => [
          {
            group: SAVED.group,
            state: freshGroup([SAVED.rule], true),
            settings: { intervalMs: MINUTE, offsetMs: 0 },
          },
        ],
        externalLabels: new Map(),
      },
      parser: {},
      file: 'own.yml',
      timeoutMs: 10_000,
    }),
  ]);
  return async (door: string, body: object, headers: Record<string, string> = {}) => {
    const answer = await app.inject({
      method: 'POST',
      url: `/api/v1/alerting/rules/${door}`,
      headers: { host: 'localhost', 'content-type': 'application/json', ...headers },
      payload: JSON.stringify(body),
    });
    const json: unknown = JSON.parse(answer.body);
    return { status: answer.statusCode, json };
  };
}

const RULE = {
  alert: 'A',
  expr: 'm > 5',
  for: '2m',
  interval: '1m',
  labels: { severity: 'page' },
  annotations: { summary: '{{ $labels.job }} at {{ $value }}' },
};
const fields = (json: unknown): readonly string[] =>
  z
    .object({
      error: z.object({ details: z.object({ problems: z.array(z.object({ field: z.string() })) }) }),
    })
    .parse(json)
    .error.details.problems.map(({ field }) => field);

describe('POST rules/back-test', () => {
  it('answers with firings, totals, who is told and how to draw it', async () => {
    const ask = await world();
    const { status, json } = await ask('back-test', { rule: RULE, window: '1h' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      start: T0,
      end: T0 + 60 * MINUTE,
      interval_ms: MINUTE,
      data_from: T0,
      covered_ms: 60 * MINUTE,
      warnings: [],
      failed: { count: 0, first: null },
      totals: { firings: 1, alerts: 1, longest_ms: 8 * MINUTE, firing_ms: 8 * MINUTE, most: 1, notices: 1 },
      firings: [
        {
          labels: { alertname: 'A', job: 'a', severity: 'page' },
          annotations: { summary: 'a at 6' },
          value: '6',
          peak: '9',
          told: [{ receiver: 'team', person: null }],
          held: null,
        },
      ],
      listeners: [{ receiver: 'team', notices: 2, firing: 1 }],
      chart: { query: 'm', threshold: { op: '>', value: 5 } },
      compared: null,
    });
  });

  it('compares with a rule that is in force, or with one that is written', async () => {
    const ask = await world();
    const id = ruleId(SAVED.group, SAVED.rule);
    const saved = await ask('back-test', { rule: RULE, window: '1h', against: { id } });
    expect(saved.json).toMatchObject({
      compared: {
        counts: { added: 0, removed: 0, shifted: 1, same: 0 },
        changes: [{ kind: 'shifted', labels: { job: 'a' } }],
        against: { totals: { firings: 1, longest_ms: 5 * MINUTE } },
      },
    });
    const written = await ask('back-test', {
      rule: RULE,
      window: '1h',
      against: { ...RULE, expr: 'm > 50' },
    });
    expect(written.json).toMatchObject({
      compared: { counts: { added: 1, removed: 0, shifted: 0, same: 0 } },
    });
    expect((await ask('back-test', { rule: RULE, against: { id: '0123456789abcdef' } })).status).toBe(404);
  });

  it('says of each field what is wrong with it', async () => {
    const ask = await world();
    const wrong = {
      alert: 'A',
      expr: 'm >',
      for: 'soon',
      keep_firing_for: '-1',
      interval: 'x',
      labels: { '0': 'a', fine: '{{ end }}' },
      annotations: { summary: '{{ $nothing }}' },
    };
    const { status, json } = await ask('back-test', { rule: wrong });
    expect(status).toBe(400);
    expect([...new Set(fields(json))].sort()).toEqual([
      'annotations.summary',
      'expr',
      'for',
      'interval',
      'keep_firing_for',
      'labels.fine',
    ]);
    expect(fields((await ask('back-test', { rule: { ...RULE, alert: '' } })).json)).toEqual(['alert']);
    expect(fields((await ask('back-test', { rule: { ...RULE, expr: '' } })).json)).toEqual(['expr']);
  });

  it('refuses what it cannot answer, and other tenants', async () => {
    const ask = await world();
    expect((await ask('back-test', { rule: RULE, window: '90d' })).status).toBe(422);
    expect((await ask('back-test', { rule: RULE, window: 'ever' })).status).toBe(400);
    expect((await ask('back-test', { rule: { ...RULE, expr: 'm @ end() > 5' } })).status).toBe(422);
    expect((await ask('back-test', { rule: RULE }, { ...BLUE })).status).toBe(404);
  });
});

describe('POST rules/preview', () => {
  it('shows what would be told now, also where nothing holds', async () => {
    const ask = await world();
    const quiet = await ask('preview', { rule: RULE });
    expect(quiet.json).toMatchObject({
      holding: 0,
      alerts: [
        {
          labels: { alertname: 'A', job: 'a', severity: 'page', site: 'here' },
          annotations: { summary: 'a at 0' },
          receivers: ['team'],
        },
        { labels: { job: 'b' } },
      ],
    });
    expect((await ask('preview', { rule: { ...RULE, expr: 'm < 5' } })).json).toMatchObject({ holding: 2 });
    expect(fields((await ask('preview', { rule: { ...RULE, expr: '(' } })).json)).toEqual(['expr']);
  });
});

import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../event.ts';
import { baselineOf, DEFAULTS, eventOf } from '../testing/setup.ts';
import type { Finding } from '../verdict.ts';
import { BUILT_IN_NAMES, builtInRules } from './built-in.ts';

const rules = builtInRules(DEFAULTS);

function found(data: JsonObject, before: readonly JsonObject[] = []): string[] {
  const findings: Finding[] = [];
  const baseline = baselineOf([...before, data]);
  for (const rule of rules) rule.check(eventOf(data), baseline, findings);
  return findings.map(({ rule, weight, field, decision }) => `${rule} ${weight} ${field} ${decision}`);
}

it('every rule is known by its name', () => {
  expect(new Set(rules.map(({ name }) => name))).toEqual(BUILT_IN_NAMES);
});

describe('limits: below, at, above, and close to them', () => {
  const table: readonly [string, number, number, number, string, unknown?][] = [
    ['response_time', 5000, 4500, 0.001, 'RETRY'],
    ['latency', 3000, 2700, 0.001, 'RETRY'],
    ['cpu_usage', 90, 81, 0.001, 'ESCALATE'],
    ['memory_usage', 85, 76.5, 0.001, 'ESCALATE'],
    ['error_rate', 10, 9, 0.001, 'ESCALATE'],
  ];
  it.each(table)('%s', (field, limit, near, step, decision) => {
    expect(found({ [field]: near })).toEqual([]);
    expect(found({ [field]: near + step })).toEqual([`approaching_limit caution ${field} CONTINUE`]);
    expect(found({ [field]: limit })).toEqual([`approaching_limit caution ${field} CONTINUE`]);
    expect(found({ [field]: limit + step })).toEqual([`${field} violation ${field} ${decision}`]);
    expect(found({ [field]: String(limit + step) })).toEqual([`${field} violation ${field} ${decision}`]);
    expect(found({ [field]: 0 })).toEqual([]);
  });

  it('half of everything failing stops the system', () => {
    expect(found({ error_rate: 50 })).toEqual(['error_rate violation error_rate ESCALATE']);
    expect(found({ error_rate: 50.1 })).toEqual(['error_rate violation error_rate HALT']);
  });
});

const REPROCESS = 'REPROCESS';

it.each<[JsonObject, string[]]>([
  [{ output: 'x', result: 0 }, []],
  [{ output: false, result: [] }, []],
  [{ output: null }, [`null_output violation output ${REPROCESS}`]],
  [{ result: ' ' }, [`null_output violation result ${REPROCESS}`]],
  [
    { result: 'NaN', output: 'undefined' },
    [`null_output violation output ${REPROCESS}`, `null_output violation result ${REPROCESS}`],
  ],
  [{ latency: -1 }, [`invalid_value violation latency ${REPROCESS}`]],
  [{ latency: 0 }, []],
  [{ latency: null }, [`invalid_value violation latency ${REPROCESS}`]],
  [{ response_time: 'slow' }, [`invalid_value violation response_time ${REPROCESS}`]],
  [{ cpu_usage: 100 }, ['cpu_usage violation cpu_usage ESCALATE']],
  [
    { cpu_usage: 100.1 },
    ['cpu_usage violation cpu_usage ESCALATE', `invalid_value violation cpu_usage ${REPROCESS}`],
  ],
])('null and invalid values: %j', (data, expected) => {
  expect(found(data)).toEqual(expected);
});

it.each<[JsonObject, string[]]>([
  [{ status_code: 200, error: null, status: 'success', output: { value: 1 } }, []],
  [{ status_code: 200, error: 'timeout' }, [`consistency violation error ${REPROCESS}`]],
  [{ status_code: 200, error: { code: 5 } }, [`consistency violation error ${REPROCESS}`]],
  [{ status_code: 200, error: {} }, []],
  [{ status_code: 200, error: 'none' }, []],
  [{ status_code: '201', status: 'FAILED' }, [`consistency violation status ${REPROCESS}`]],
  [{ status_code: 200, output: { error: 'no stock' } }, [`consistency violation output ${REPROCESS}`]],
  [{ status_code: 200, output: 'Error: no stock' }, [`consistency violation output ${REPROCESS}`]],
  [{ status_code: 200, output: 'the error page was read' }, []],
  [{ status_code: 199, error: 'x' }, []],
  [{ status_code: 300, error: 'x' }, []],
  [{ status_code: 499, status: 'success' }, []],
  [{ status_code: 500, status: 'success' }, [`consistency violation status ${REPROCESS}`]],
  [{ status_code: 503, success: true }, [`consistency violation success ${REPROCESS}`]],
  [{ status_code: 500, error: 'x', status: 'error' }, []],
])('consistency: %j', (data, expected) => {
  expect(found(data)).toEqual(expected);
});

it.each<[JsonObject, string[]]>([
  [{ status: 'success', result: 1 }, []],
  [{ status: 'success' }, []],
  [
    { status: 'success', result: null },
    [`null_output violation result ${REPROCESS}`, 'silent_failure violation result RETRY'],
  ],
  [
    { success: true, output: null },
    [`null_output violation output ${REPROCESS}`, 'silent_failure violation output RETRY'],
  ],
  [{ status: 'failed', result: null }, [`null_output violation result ${REPROCESS}`]],
  [{ processed: true, output: 'x' }, []],
  [{ processed: true }, ['silent_failure violation output RETRY']],
  [{ processed: false }, []],
  [{ completed: true, items_processed: 0 }, ['silent_failure violation items_processed RETRY']],
  [{ completed: true, items_processed: 1 }, []],
  [{ completed: true }, []],
  [{ completed: false, items_processed: 0 }, []],
])('silent failure: %j', (data, expected) => {
  expect(found(data)).toEqual(expected);
});

describe('anomalies against the own history', () => {
  // Mean 100, standard deviation 10.
  const even = Array.from({ length: 60 }, (_, i) => ({ amount: i % 2 === 0 ? 90 : 110 }));

  it.each<[number, string[]]>([
    [100, []],
    [129, []],
    [131, ['anomaly caution amount CONTINUE']],
    [69, ['anomaly caution amount CONTINUE']],
    [158, ['anomaly caution amount CONTINUE']],
    [162, ['anomaly critical amount ESCALATE']],
    [38, ['anomaly critical amount ESCALATE']],
  ])('amount %d', (amount, expected) => {
    expect(found({ amount }, even)).toEqual(expected);
  });

  it('nothing is unlike fewer than thirty values', () => {
    expect(found({ amount: 10_000 }, even.slice(0, 29))).toEqual([]);
    expect(found({ amount: 10_000 }, even.slice(0, 30))).toEqual(['anomaly critical amount ESCALATE']);
  });

  it('a hair beside values that never vary is no anomaly', () => {
    const constant = Array.from({ length: 100 }, () => ({ amount: 100 }));
    expect(found({ amount: 114 }, constant)).toEqual([]);
    expect(found({ amount: 116 }, constant)).toEqual(['anomaly caution amount CONTINUE']);
  });

  it('what only names something has no history', () => {
    const ids = Array.from({ length: 100 }, () => ({ order_id: 1, status_code: 200, port: 80 }));
    expect(found({ order_id: 999, status_code: 404, port: 9 }, ids)).toEqual([]);
  });

  it('values that leave the mean together are a trend, one of them is none', () => {
    const long = [...even, ...even, ...even, ...even];
    const raised = Array.from({ length: 10 }, () => ({ amount: 122 }));
    expect(found({ amount: 122 }, long)).toEqual([]);
    expect(found({ amount: 122 }, [...long, ...raised])).toEqual(['trend caution amount CONTINUE']);
  });

  it('a new shape warns once a hundred events had the usual one', () => {
    const usual = Array.from({ length: 100 }, () => ({ path: '/', user: 'a' }));
    expect(found({ path: '/' }, usual.slice(1))).toEqual([]);
    expect(found({ path: '/' }, usual)).toEqual(['pattern caution data CONTINUE']);
    expect(found({ user: 'a', path: '/' }, usual)).toEqual([]);
    expect(found({ user: 7, path: '/' }, usual)).toEqual(['pattern caution data CONTINUE']);
    expect(found({ path: '/' }, [...usual, { path: '/' }])).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { ErrorFinding } from '../../errors/index.ts';
import type { ServiceHealth } from '../../health/index.ts';
import { breakerEvidence, errorEvidence, healthEvidence } from './evidence.ts';

const AT = Date.UTC(2026, 0, 1, 12);
const LATER = AT + 300_000;

type Episode = Parameters<typeof healthEvidence>[0];
type Source = ServiceHealth['sources'][number];

const episode: Episode = {
  service: 'order',
  from: AT,
  to: null,
  worst: 'unhealthy',
  reason: 'it was so',
  causedBy: [],
  steps: [],
};
const source = (kind: Source['kind'], failing: boolean, status: Source['status'] = 'unhealthy'): Source => ({
  kind,
  status,
  failing,
  at: AT,
  reasons: [],
});
const live = (sources: readonly Source[], more: Partial<ServiceHealth> = {}): ServiceHealth => ({
  name: 'order',
  status: 'unhealthy',
  since: AT,
  reasons: [{ source: 'report', severity: 'critical', message: 'it reported itself down' }],
  sources,
  instances: [],
  causedBy: [],
  waitsForMachine: false,
  ...more,
});
const error = (why: ErrorFinding['why'], count: number, more: Partial<ErrorFinding> = {}): ErrorFinding => ({
  why,
  group: 'a'.repeat(16),
  service: 'order',
  name: 'TypeError',
  message: 'no x',
  culprit: '',
  type: 'internal',
  severity: 'high',
  count,
  expected: 2,
  at: AT,
  ...more,
});

describe('evidence in words', () => {
  it('counts errors as people do, and says where a message was cut', () => {
    expect(errorEvidence(error('new', 1)).message).toBe('a new error, once: TypeError: no x');
    expect(errorEvidence(error('new', 3)).message).toBe('a new error, 3 times: TypeError: no x');
    expect(errorEvidence(error('regressed', 1)).message).toContain('is back, once: ');
    expect(errorEvidence(error('rising', 9)).message).toBe(
      'an error rises, 9 times (usually 2.0): TypeError: no x',
    );
    const { message } = errorEvidence(error('new', 1, { message: 'x'.repeat(500) }));
    expect(message).toMatch(/: x{160}…$/u);
  });

  it('says since when a service has not been well, or from when to when it was not', () => {
    const now = live([source('report', true)], { causedBy: ['a', 'b', 'c'] });
    expect(healthEvidence(episode, now).message).toBe(
      'order is unhealthy and has not been well since 2026-01-01T12:00:00.000Z: it reported itself down; it suffers from a, b and c',
    );
    expect(healthEvidence(episode, undefined).message).toBe(
      'order was unhealthy from 2026-01-01T12:00:00.000Z on: it was so',
    );
    expect(healthEvidence({ ...episode, to: LATER }, now).message).toBe(
      'order was unhealthy from 2026-01-01T12:00:00.000Z to 2026-01-01T12:05:00.000Z: it was so',
    );
  });

  it.each<[string, readonly Source[], string]>([
    ['no answer to a scrape', [source('scrape', true)], 'does not answer those who look at it'],
    ['no answer to a poll', [source('poll', true), source('report', true)], 'does not answer those who look'],
    ['a probe that fails', [source('probe', true)], 'its probe fails'],
    ['a heartbeat that is missing', [source('heartbeat', true)], 'its heartbeat is missing'],
    ['a poll that was answered', [source('poll', false), source('report', true)], 'under /health'],
    ['its own report', [source('report', true)], 'it reported itself unhealthy'],
    ['its own report of less', [source('report', false, 'degraded')], 'it reported itself degraded'],
    ['its own report before its machine', [source('report', true), source('resources', false)], 'reported'],
  ])('asks for what helps against what complains: %s', (_, sources, expected) => {
    const { action } = healthEvidence(episode, live(sources));
    expect(action).toContain(expected);
    if (!expected.startsWith('does not')) expect(action).not.toContain('does not answer');
  });

  it('sends to what a breaker stands before, which need not be silent', () => {
    const { action } = breakerEvidence({
      tenant: 'default',
      service: 'order',
      name: 'db',
      instance: 'a',
      upstream: 'mongodb',
      at: AT,
      from: 'CLOSED',
      to: 'OPEN',
      reason: '',
      counts: {
        requests: 5,
        total_successes: 0,
        total_failures: 5,
        consecutive_successes: 0,
        consecutive_failures: 5,
      },
    });
    expect(action).toBe(
      'Find why calls of order to mongodb fail; once they do not, reset the breaker db, or wait until it closes by itself.',
    );
  });
});

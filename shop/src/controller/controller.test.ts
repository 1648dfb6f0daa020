import { appendFileSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isShopError } from '../shared/errors.ts';
import { FAULT_KIND_NAMES, faultKind } from '../shared/faults/kinds.ts';
import { parseCommand } from './cli.ts';
import { parseFaultRequest } from './fault-request.ts';
import { createArrivals, rateAt } from './traffic/modes.ts';
import { ACTION_NAMES, ACTIONS, pickAction } from './traffic/shopper.ts';
import { openTruthLog } from './truth.ts';

describe('a fault request', () => {
  it('fills in defaults and takes a kind as people say it', () => {
    expect(parseFaultRequest({ kind: 'Added Latency', service: 'order', params: { latency_ms: 5 } })).toEqual(
      {
        kind: 'added_latency',
        service: 'order',
        params: { latency_ms: 5, jitter_ms: 0, rate: 1 },
        durationMs: null,
      },
    );
    expect(parseFaultRequest({ kind: 'stock-exhaustion', duration_seconds: 2 })).toMatchObject({
      service: 'catalog',
      durationMs: 2_000,
    });
  });

  it.each([
    [{ kind: 'earthquake' }, 'kind'],
    [{ kind: 'dead_service' }, 'service'],
    [{ kind: 'dead_service', service: 'controller' }, 'service'],
    [{ kind: 'slow_database', service: 'gateway' }, 'service'],
    [{ kind: 'error_spike', service: 'auth', params: { rate: 2 } }, 'params.rate'],
    [{ kind: 'error_spike', service: 'auth', params: { status: 501 } }, 'params.status'],
    [{ kind: 'error_spike', service: 'auth', params: { colour: 2 } }, 'params.colour'],
    [{ kind: 'stock_exhaustion', params: { product_id: '../x' } }, 'params.product_id'],
    [{ kind: 'dead_service', service: 'auth', duration_seconds: 0 }, 'duration_seconds'],
    [{ kind: 'dead_service', service: 'auth', extra: 1 }, 'extra'],
    [[], 'body'],
  ])('%j names what is wrong: %s', (body, field) => {
    expect(() => parseFaultRequest(body)).toThrow(
      expect.objectContaining({ code: 'validation', details: [expect.objectContaining({ field })] }),
    );
  });

  it('answers anything at all with a request or a validation error', () => {
    const hostile = fc.oneof(
      fc.anything(),
      fc.record({
        kind: fc.oneof(fc.constantFrom(...FAULT_KIND_NAMES, '__proto__', 'constructor'), fc.string()),
        service: fc.oneof(fc.constantFrom('auth', 'catalog', '__proto__'), fc.anything()),
        params: fc.dictionary(
          fc.oneof(fc.constantFrom('rate', '__proto__', 'toString'), fc.string()),
          fc.anything(),
        ),
      }),
    );
    fc.assert(
      fc.property(hostile, (body) => {
        try {
          const { kind, service } = parseFaultRequest(body);
          return faultKind(kind).services.includes(service);
        } catch (error) {
          return isShopError(error, 'validation');
        }
      }),
    );
  });
});

describe('the truth', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'truth-'));
    file = join(directory, 'truth.jsonl');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const fault = (id: string, until: string | null = null) => ({
    id,
    what: 'dead_service',
    where: 'auth',
    parameters: {},
    from: new Date(1_000).toISOString(),
    until,
    cause: 'auth is dead',
  });

  it('is kept over a restart, also with a last line that a crash cut off', () => {
    const log = openTruthLog(file, 1_000, 15_000);
    log.began(fault('a'));
    log.ended('a', 5_000);
    appendFileSync(file, '{"event":"began","id":"torn');
    const again = openTruthLog(file, 9_000, 15_000).entries();
    expect(again).toEqual([
      {
        id: 'a',
        what: 'dead_service',
        where: 'auth',
        parameters: {},
        from: '1970-01-01T00:00:01.000Z',
        to: '1970-01-01T00:00:05.000Z',
        cause: 'auth is dead',
      },
    ]);
  });

  it('closes what a killed controller left open when its lease ran out', () => {
    const log = openTruthLog(file, 1_000, 15_000);
    log.began(fault('a'));
    log.began(fault('b', new Date(30_000).toISOString()));
    utimesSync(file, 20, 20);
    const [a, b] = openTruthLog(file, 90_000, 15_000).entries();
    expect([a?.to, b?.to]).toEqual(['1970-01-01T00:00:35.000Z', '1970-01-01T00:00:30.000Z']);
  });

  it('answers what still lasted at an instant', () => {
    const log = openTruthLog(file, 1_000, 15_000);
    log.began(fault('a'));
    log.ended('a', 5_000);
    log.began(fault('b'));
    expect(log.entries(6_000).map((entry) => [entry.id, entry.to])).toEqual([['b', null]]);
  });
});

describe('traffic', () => {
  it.each(['steady', 'bursty', 'diurnal'] as const)(
    '%s has the rate that was asked for as its mean',
    (mode) => {
      const plan = { mode, rate: 6, periodSeconds: 100 };
      const steps = 10_000;
      const mean =
        Array.from({ length: steps }, (_, i) => rateAt(plan, (i * 100) / steps)).reduce((a, b) => a + b, 0) /
        steps;
      expect(mean).toBeCloseTo(6, 3);
    },
  );

  it('off is silent; a burst is several times the quiet', () => {
    expect(rateAt({ mode: 'off', rate: 6, periodSeconds: 100 }, 3)).toBe(0);
    const bursty = { mode: 'bursty' as const, rate: 6, periodSeconds: 100 };
    expect(rateAt(bursty, 1)).toBeCloseTo(18, 9);
    expect(rateAt(bursty, 50)).toBeCloseTo(3, 9);
  });

  it('brings as many as the rate says, whatever the steps', () => {
    let seed = 7;
    const random = (): number => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const arrive = createArrivals(random);
    let total = 0;
    for (let i = 0; i < 20_000; i++) total += arrive(5, i % 3 === 0 ? 0.2 : 0.05);
    expect(total / (20_000 * 0.1)).toBeGreaterThan(4.8);
    expect(total / (20_000 * 0.1)).toBeLessThan(5.2);
  });

  it('picks every action, and only by its weight', () => {
    expect(ACTION_NAMES.toSorted()).toEqual(Object.keys(ACTIONS).toSorted());
    expect(pickAction(() => 0)).toBe('search');
    expect(pickAction(() => 0.99999)).toBe('register');
  });
});

describe('the command line', () => {
  it.each([
    [
      'fault add added_latency order latency_ms=700 --for 30',
      {
        method: 'POST',
        path: '/faults',
        body: { kind: 'added_latency', service: 'order', params: { latency_ms: 700 }, duration_seconds: 30 },
      },
    ],
    ['fault end all', { method: 'DELETE', path: '/faults' }],
    ['fault end flt_1', { method: 'DELETE', path: '/faults/flt_1' }],
    ['fault list', { method: 'GET', path: '/faults' }],
    ['truth', { method: 'GET', path: '/truth' }],
    ['traffic', { method: 'GET', path: '/traffic' }],
    ['traffic bursty rate=9', { method: 'POST', path: '/traffic', body: { mode: 'bursty', rate: 9 } }],
    ['fault', null],
    ['fault add', null],
    ['fault add error_spike auth extra', null],
    ['dance', null],
  ])('reads %s', (text, call) => {
    expect(parseCommand(text.split(' '))).toEqual(call);
  });
});

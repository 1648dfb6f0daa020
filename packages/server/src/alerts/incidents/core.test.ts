import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Incident, type Member, servicesOf } from './incident.ts';
import { MemoryIncidents, MINUTE, RULES, sighting } from './testing/world.ts';
import type { CallMap } from './topology.ts';

/** s1 calls s0, s2 calls s1 ... */
const LINE: CallMap = new Map(Array.from({ length: 60 }, (_, i) => [`s${i + 1}`, new Set([`s${i}`])]));

describe('an incident', () => {
  it('does not take an estate, whose services fail one after the other', () => {
    const all = new MemoryIncidents(LINE);
    for (let i = 0; i < 40; i++) all.fire(`Slow${i} s${i}`).after(4 * MINUTE);
    const sizes = all.open().map((one) => servicesOf(one).length);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(40);
    // Those of its first 15 minutes, and one step from them.
    expect(Math.max(...sizes)).toBe(5);
  });

  it('does not take the same rule wherever it fires, all day', () => {
    const all = new MemoryIncidents();
    for (let i = 0; i < 120; i++) all.fire(`Slow t${i}`).after(50_000);
    const spans = all.open().map(({ members }) => (members.at(-1)?.signAt ?? 0) - (members[0]?.signAt ?? 0));
    expect(Math.max(...spans)).toBeLessThanOrEqual(16 * MINUTE);
  });

  it('takes a whole cascade, however many calls it goes through', () => {
    const all = new MemoryIncidents(LINE);
    for (let i = 0; i < 20; i++) all.fire(`Slow${i} s${i}`).after(30_000);
    expect(all.open()).toHaveLength(1);
  });

  it('takes what its services get later, and what that does to their callers, but no chain from there', () => {
    const all = new MemoryIncidents().fire('Down store').after(180 * MINUTE);
    all.fire('Slow store').after(MINUTE).fire('Slow user').after(MINUTE).fire('Errors order');
    all.after(MINUTE).fire('Full catalog');
    expect(all.shown()).toEqual(['1: Down store, Slow store, Slow user, Errors order', '2: Full catalog']);
    // What is tied to both does not make them one.
    all.after(MINUTE).fire('Late order', { labelled: { alertname: 'Errors' } });
    expect(all.open()).toHaveLength(2);
  });

  it('becomes one with another one only when it could have taken it', () => {
    const both = (named: string): number => {
      const all = new MemoryIncidents(LINE).fire('Down s0').after(14 * MINUTE);
      all
        .fire('Down s9')
        .after(4 * MINUTE)
        .fire('Down s11')
        .after(4 * MINUTE);
      if (named === 's13') all.fire('Down s13');
      all.after(MINUTE).fires(sighting('Cut s0', { services: ['s0', named], startsAt: all.now }));
      return all.open().length;
    };
    expect([both('s11'), both('s13')]).toEqual([1, 2]);
  });

  it('takes what one of its alerts keeps quiet, whichever', () => {
    const all = new MemoryIncidents().fire('Down store').after(180 * MINUTE);
    all.fire('Slow store').after(MINUTE).fire('Slow user').after(MINUTE);
    all.fires(sighting('Lost x', { startsAt: all.now }), { inhibitedBy: ['Slow user'] });
    expect(all.shown()).toEqual(['1: Down store, Slow store, Slow user, Lost x']);
  });
});

interface Trouble {
  readonly gap: number;
  readonly rule: string;
  readonly service: number;
  readonly host: number;
  readonly ends: boolean;
}

const trouble: fc.Arbitrary<Trouble> = fc.record({
  gap: fc.integer({ min: 0, max: 8 * MINUTE }),
  rule: fc.constantFrom('Slow', 'Down', 'Errors'),
  service: fc.integer({ min: 0, max: 9 }),
  host: fc.integer({ min: 0, max: 4 }),
  ends: fc.boolean(),
});
const estate = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), { maxLength: 15 })
  .map((edges): CallMap => {
    const calls = new Map<string, Set<string>>();
    for (const [from, to] of edges) {
      const called = calls.get(`s${from}`) ?? new Set();
      calls.set(`s${from}`, called.add(`s${to}`));
    }
    return calls;
  });

function run(calls: CallMap, troubles: readonly Trouble[]): MemoryIncidents {
  const all = new MemoryIncidents(calls);
  for (const [i, { gap, rule, service, host, ends }] of troubles.entries()) {
    const fingerprint = `f${i}`;
    all.after(gap).fire(`${rule} s${service}`, { fingerprint, labelled: { host: `h${host}` } });
    if (ends && i > 2) all.end(`f${i - 2}`);
  }
  return all;
}

const isEarly = ({ openedAt }: Incident, { signAt }: Member): boolean => signAt <= openedAt + RULES.spreadMs;
const isAlike = (a: Member, b: Member): boolean =>
  a.services[0] === b.services[0] || a.labels.get('host') === b.labels.get('host');

it('whatever alerts come, each is at most one tie away from what its incident began with', () => {
  fc.assert(
    fc.property(estate, fc.array(trouble, { maxLength: 80 }), (calls, troubles) => {
      for (const incident of run(calls, troubles).all()) {
        const early = incident.members.filter((one) => isEarly(incident, one));
        const isNear = (one: Member | undefined): boolean =>
          one !== undefined && early.some((other) => one === other || isAlike(one, other));
        for (const one of incident.members) {
          const to = incident.members.find(({ fingerprint }) => fingerprint === one.why.to);
          expect(isNear(one) || isNear(to)).toBe(true);
        }
      }
    }),
    { numRuns: 150 },
  );
});

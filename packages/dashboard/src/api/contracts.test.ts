import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  healthEventSchema,
  healthSchema,
  performanceSchema,
  servicesSchema,
  summarySchema,
  targetsSchema,
} from './contracts.ts';

describe('answers of the server', () => {
  it('take times in each of their forms', () => {
    const at = (since: unknown) =>
      healthSchema.parse({ services: [{ name: 'a', status: 'healthy', since }] }).services[0]?.since;
    const millis = Date.UTC(2026, 10, 20, 12);
    for (const form of ['2026-11-20T12:00:00.000Z', millis, millis / 1000, String(millis)])
      expect(at(form)).toBe(millis);
    expect(at(null)).toBeNull();
  });

  it('turn what this version does not know into unknown, and fill in what may be missing', () => {
    const parsed = healthSchema.parse({ services: [{ name: '__proto__', status: 'sleeping' }] });
    expect(parsed.services[0]).toEqual({
      name: '__proto__',
      status: 'unknown',
      since: null,
      reasons: [],
      caused_by: [],
      sources: [],
      uptime: { '24h': null },
      instances: [],
    });
    expect(healthEventSchema.parse([{ name: 'a', status: 'healthy' }]).services).toHaveLength(1);
  });

  it('read steps in milliseconds as seconds', () => {
    const parsed = performanceSchema.parse({
      services: [{ name: 'a', throughput: { start: 1_763_640_000_000, step: 5000, values: [1, null] } }],
    });
    expect(parsed.services[0]?.throughput).toEqual({ start: 1_763_640_000_000, step: 5, values: [1, null] });
  });

  it('read instances and dependencies by name or as objects', () => {
    const parsed = servicesSchema.parse({
      services: [
        {
          name: 'a',
          status: 'healthy',
          dependencies: ['b', { name: 'c' }],
          instances: [{ instance: 'x:1' }, 'y:1'],
        },
      ],
    });
    expect(parsed.services[0]?.dependencies).toEqual(['b', 'c']);
    expect(parsed.services[0]?.instances).toEqual(['x:1', 'y:1']);
  });

  it('are refused, not thrown at the page, when they are something else', () => {
    for (const schema of [healthSchema, summarySchema, performanceSchema, servicesSchema, targetsSchema]) {
      fc.assert(
        fc.property(fc.jsonValue(), (body) => typeof schema.safeParse(body).success === 'boolean'),
        { numRuns: 50 },
      );
      expect(schema.safeParse({}).success).toBe(false);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../kernel/random.ts';
import type { ErrorEvent } from '../event.ts';
import { fromJson } from '../ingest/json.ts';
import { shapesOf } from '../testing/shapes.ts';
import { fingerprintOf } from './fingerprint.ts';

function event(fields: Record<string, unknown>): ErrorEvent {
  const made = fromJson(
    { service: 'order', name: 'Error', message: 'x', ...fields },
    { id: '0'.repeat(32), now: 0, serviceOf: (name) => name },
  );
  if (typeof made === 'string') throw new Error(made);
  return made;
}
const hashOf = (fields: Record<string, unknown>): string => fingerprintOf(event(fields)).hash;
const at = (name: string, file = '/app/src/order.js') => `Error: x\n    at ${name} (${file}:1:2)`;

describe('fingerprints', () => {
  it('forms exactly the 50 groups of 10,000 errors of 50 shapes with noise (issue 5, line 5)', () => {
    const random = seededRandom(5);
    const shapes = shapesOf(50);
    const byHash = new Map<string, Set<number>>();
    for (let i = 0; i < 10_000; i++) {
      const shape = shapes[i % 50];
      if (shape === undefined) continue;
      const hash = hashOf(shape.make(random, 0));
      byHash.set(hash, (byHash.get(hash) ?? new Set()).add(shape.index));
    }
    expect(byHash.size).toBe(50);
    for (const indexes of byHash.values()) expect(indexes.size).toBe(1);
  });

  it.each([
    ['class', { name: 'TypeError' }],
    ['words of the message', { message: 'y' }],
    ['place of the throw', { stack: at('pay') }],
    ['file of the throw', { stack: at('load', '/app/src/basket.js') }],
    ['service', { service: 'user' }],
    ['code', { code: 'P2002' }],
    ['cause', { causes: [{ name: 'Error', message: 'socket hang up' }] }],
  ])('tells errors apart by %s', (_what, other) => {
    expect(hashOf({ stack: at('load'), ...other })).not.toBe(hashOf({ stack: at('load') }));
  });

  it('does not look at callers where the message says what it is, and does where it says nothing', () => {
    const called = (caller: string) => `${at('load')}\n    at ${caller} (/app/src/route.js:9:9)`;
    expect(hashOf({ stack: called('a1') })).toBe(hashOf({ stack: called('second') }));
    expect(hashOf({ message: '17', stack: called('first') })).not.toBe(
      hashOf({ message: '17', stack: called('second') }),
    );
  });

  it('follows the fingerprint of the sender, also with the default in it', () => {
    expect(hashOf({ fingerprint: ['payments'], message: 'a' })).toBe(
      hashOf({ fingerprint: ['payments'], message: 'b', service: 'user' }),
    );
    expect(hashOf({ fingerprint: ['{{ default }}'] })).toBe(hashOf({}));
    expect(hashOf({ fingerprint: ['{{ default }}', 'eu'] })).not.toBe(
      hashOf({ fingerprint: ['{{default}}', 'us'] }),
    );
    expect(hashOf({ fingerprint: ['{{ default }}', 'eu'], message: 'a' })).not.toBe(
      hashOf({ fingerprint: ['{{ default }}', 'eu'], message: 'b' }),
    );
    expect(fingerprintOf(event({ fingerprint: ['{{ type }}-{{ unknown }}'] })).parts).toEqual([
      'custom Error-{{ unknown }}',
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertTitle } from './alert-title.ts';
import { fingerprintOf } from './fingerprint.ts';
import { compareAlertLabels, compareLabelSets, compareUtf8, formatLabelSet, labelSet } from './label-set.ts';

const of = (labels: Readonly<Record<string, string>>) => labelSet(Object.entries(labels));

describe('fingerprintOf', () => {
  it.each([
    [{}, 'cbf29ce484222325'],
    // prometheus/common, model/signature_test.go: 5799056148416392346.
    [{ name: 'garland, briggs', fear: 'love is not enough' }, 5799056148416392346n.toString(16)],
  ])('%o', (labels, expected) => {
    expect(fingerprintOf(of(labels))).toBe(expected);
  });

  it('does not depend on the order in which labels were given', () => {
    expect(
      fingerprintOf(
        labelSet([
          ['b', '2'],
          ['a', '1'],
        ]),
      ),
    ).toBe(fingerprintOf(of({ a: '1', b: '2' })));
  });

  it('is what 64-bit arithmetic makes of the bytes', () => {
    const slow = (labels: ReadonlyMap<string, string>): string => {
      let hash = 0xcbf29ce484222325n;
      for (const [name, value] of labels)
        for (const byte of [...Buffer.from(name), 0xff, ...Buffer.from(value), 0xff])
          hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
      return hash.toString(16).padStart(16, '0');
    };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }))),
        (pairs) => {
          const labels = labelSet(pairs);
          expect(fingerprintOf(labels)).toBe(slow(labels));
        },
      ),
    );
  });
});

describe('labelSet', () => {
  it('sorts by name and keeps the last of equal names', () => {
    expect([
      ...labelSet([
        ['b', '1'],
        ['a', '1'],
        ['b', '2'],
      ]),
    ]).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
  });

  it('keeps names that mean something to JavaScript', () => {
    expect(labelSet([['__proto__', 'x']]).get('__proto__')).toBe('x');
  });
});

describe('order', () => {
  it('of texts is that of their bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
    // U+1F642 comes after U+FFFD, though its first surrogate does not.
    expect(compareUtf8('\u{1f642}', '\ufffd')).toBeGreaterThan(0);
  });

  it.each([
    [{}, { a: '1' }, -1],
    [{ a: '2' }, { a: '1', b: '1' }, -1],
    [{ a: '1' }, { b: '1' }, 1],
    [{ a: '1' }, { a: '2' }, -1],
    [{ a: '1' }, { a: '1' }, 0],
  ])('of groups %o and %o', (a, b, expected) => {
    expect(Math.sign(compareLabelSets(of(a), of(b)))).toBe(expected);
  });

  it.each([
    [{ job: 'b' }, { job: 'a', z: '1' }, 1],
    [{ x: '1' }, { job: 'a', z: '1' }, 1],
    [{ job: 'a', instance: '2' }, { job: 'a', instance: '1' }, 1],
    [{ job: 'a', instance: '1' }, { job: 'a' }, -1],
    [{ a: '1' }, { a: '2' }, -1],
  ])('of alerts %o and %o', (a, b, expected) => {
    expect(Math.sign(compareAlertLabels(of(a), of(b)))).toBe(expected);
  });
});

describe('formatLabelSet', () => {
  it.each([
    [{}, '{}'],
    [{ job: 'api', alertname: 'Down' }, '{alertname="Down", job="api"}'],
    [{ a: 'say "hi"\n' }, '{a="say \\"hi\\"\\n"}'],
  ])('%o', (labels, expected) => {
    expect(formatLabelSet(of(labels))).toBe(expected);
  });
});

it.each([
  ['Down of order', { alertname: 'Down', service: 'order', job: 'x' }],
  ['Down of db-1:9100', { alertname: 'Down', instance: 'db-1:9100' }],
  ['Hot of db-1', { alertname: 'Hot', instance: '10.0.0.7:9100', node: 'k8s-4', host: 'db-1' }],
  ['Full of orders', { alertname: 'Full', instance: '10.0.0.7:9100', host: 'db-1', queue: 'orders' }],
  ['Crash of api', { alertname: 'Crash', node: 'k8s-4', pod: 'api-7f9c-x2x', deployment: 'api' }],
  ['Down of db-1', { alertname: 'Down', queue: '', host: 'db-1' }],
  ['Down', { alertname: 'Down', team: 'a' }],
  ['an alert without a name of a b', { job: 'a\n b' }],
])('an alert is called %s', (title, labels) => {
  expect(alertTitle(of(labels))).toBe(title);
});

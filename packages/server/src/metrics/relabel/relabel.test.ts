import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relabelConfigSchema } from './config.ts';
import { createRelabeler } from './relabel.ts';

const BASE = { a: 'foo', b: 'bar', c: 'baz' };

/** The labels after the rules, or null when they drop. */
function relabel(rules: object[], labels: Record<string, string> = BASE): Record<string, string> | null {
  const map = new Map(Object.entries(labels));
  const keep = createRelabeler(rules.map((rule) => relabelConfigSchema.parse(rule)))(map);
  return keep ? Object.fromEntries(map) : null;
}

describe('relabelling', () => {
  it.each<[string, object[], Record<string, string>, Record<string, string> | null]>([
    [
      'replace by group',
      [{ source_labels: ['a'], regex: 'f(.*)', target_label: 'd', replacement: 'ch${1}-ch${1}' }],
      BASE,
      { ...BASE, d: 'choo-choo' },
    ],
    ['joins sources', [{ source_labels: ['a', 'b'], target_label: 'd' }], BASE, { ...BASE, d: 'foo;bar' }],
    [
      'custom separator',
      [{ source_labels: ['a', 'b'], separator: '-', target_label: 'd' }],
      BASE,
      { ...BASE, d: 'foo-bar' },
    ],
    [
      'missing sources are empty',
      [{ source_labels: ['x', 'b'], target_label: 'd' }],
      BASE,
      { ...BASE, d: ';bar' },
    ],
    ['anchors at both ends', [{ source_labels: ['a'], regex: 'oo', target_label: 'd' }], BASE, BASE],
    ['anchors alternatives too', [{ source_labels: ['a'], regex: 'fo|o', action: 'drop' }], BASE, BASE],
    ['dot matches a newline', [{ source_labels: ['a'], regex: 'x.y', action: 'drop' }], { a: 'x\ny' }, null],
    [
      'an empty result removes',
      [{ source_labels: ['a'], regex: 'foo', target_label: 'b', replacement: '' }],
      BASE,
      { a: 'foo', c: 'baz' },
    ],
    ['a plain replacement sets', [{ target_label: 'd', replacement: 'x' }], BASE, { ...BASE, d: 'x' }],
    [
      'target from a group',
      [{ source_labels: ['a', 'b'], regex: '(f.*);(b.*)', target_label: '${1}_$2', replacement: 'x' }],
      BASE,
      { ...BASE, foo_bar: 'x' },
    ],
    [
      'named groups',
      [{ source_labels: ['a'], regex: '(?P<first>f).*', target_label: 'd', replacement: '$first${first}$$' }],
      BASE,
      { ...BASE, d: 'ff$' },
    ],
    [
      'unknown groups are empty',
      [{ source_labels: ['a'], regex: '(f).*', target_label: 'd', replacement: '$1$9$x' }],
      BASE,
      { ...BASE, d: 'f' },
    ],
    ['keep keeps', [{ source_labels: ['a'], regex: 'f.*', action: 'keep' }], BASE, BASE],
    ['keep drops', [{ source_labels: ['a'], regex: 'g.*', action: 'keep' }], BASE, null],
    ['drop drops', [{ source_labels: ['a'], regex: 'f.*', action: 'Drop' }], BASE, null],
    [
      'rules after a drop do not run',
      [
        { source_labels: ['a'], regex: 'f.*', action: 'drop' },
        { target_label: 'd', replacement: 'x' },
      ],
      BASE,
      null,
    ],
    [
      'keepequal keeps',
      [{ source_labels: ['a'], target_label: 'd', action: 'keepequal' }],
      { a: 'x', d: 'x' },
      { a: 'x', d: 'x' },
    ],
    ['keepequal drops', [{ source_labels: ['a'], target_label: 'd', action: 'keepequal' }], BASE, null],
    [
      'dropequal drops',
      [{ source_labels: ['a'], target_label: 'd', action: 'dropequal' }],
      { a: 'x', d: 'x' },
      null,
    ],
    ['dropequal keeps', [{ source_labels: ['a'], target_label: 'd', action: 'dropequal' }], BASE, BASE],
    [
      'hashmod as Prometheus',
      [{ source_labels: ['c'], target_label: 'd', action: 'hashmod', modulus: 1000 }],
      BASE,
      { ...BASE, d: '976' },
    ],
    [
      'labelmap',
      [{ regex: '(b.*)', replacement: 'bar_${1}', action: 'labelmap' }],
      { a: 'foo', b1: 'bar', b2: 'baz' },
      { a: 'foo', b1: 'bar', b2: 'baz', bar_b1: 'bar', bar_b2: 'baz' },
    ],
    [
      'labelmap of meta labels',
      [{ regex: '__meta_(my_.*)', action: 'labelmap' }],
      { __meta_my_bar: 'x' },
      { __meta_my_bar: 'x', my_bar: 'x' },
    ],
    ['labeldrop', [{ regex: '(b.*)', action: 'labeldrop' }], BASE, { a: 'foo', c: 'baz' }],
    ['labelkeep', [{ regex: '(b.*)', action: 'labelkeep' }], BASE, { b: 'bar' }],
    [
      'lowercase',
      [{ source_labels: ['a'], target_label: 'd', action: 'lowercase' }],
      { a: 'FoO' },
      { a: 'FoO', d: 'foo' },
    ],
    [
      'uppercase',
      [{ source_labels: ['a'], target_label: 'd', action: 'uppercase' }],
      { a: 'FoO' },
      { a: 'FoO', d: 'FOO' },
    ],
    [
      'numbers in YAML are text',
      [{ source_labels: ['a'], regex: 80, target_label: 'd', replacement: 1 }],
      { a: '80' },
      { a: '80', d: '1' },
    ],
  ])('%s', (_, rules, labels, expected) => {
    expect(relabel(rules, labels)).toEqual(expected);
  });

  it.each([
    [{ action: 'nonsense' }, 'action'],
    [{ action: 'replace', source_labels: ['a'] }, 'target_label'],
    [{ action: 'hashmod', target_label: 'x', modulus: 0 }, 'modulus'],
    [{ action: 'lowercase', target_label: 'x', replacement: 'y' }, 'replacement'],
    [{ action: 'labelmap', replacement: '-' }, 'replacement'],
    [{ action: 'labeldrop', regex: 'x', source_labels: ['a'] }, 'source_labels'],
    [{ action: 'keepequal', target_label: 'x', regex: 'y' }, 'regex'],
    [{ regex: '(?=x)', target_label: 'x' }, 'regex'],
  ])('refuses %j', (rule, field) => {
    const result = relabelConfigSchema.safeParse(rule);
    expect(result.error?.issues[0]?.path).toEqual([field]);
  });

  it('answers in linear time on a pattern that ruins backtracking engines, and survives any rule that validates', () => {
    expect(
      relabel([{ source_labels: ['a'], regex: '(a+)+$', action: 'drop' }], { a: `${'a'.repeat(5000)}!` }),
    ).not.toBeNull();
    const rule = fc.record(
      {
        action: fc.constantFrom('replace', 'keep', 'labelmap', 'labeldrop', 'labelkeep', 'uppercase'),
        source_labels: fc.array(fc.constantFrom('a', '__proto__', 'constructor'), { maxLength: 2 }),
        regex: fc.string({ maxLength: 6 }),
        target_label: fc.constantFrom('a', '__proto__', '$1', '${x}'),
        replacement: fc.string({ maxLength: 6 }),
      },
      { requiredKeys: ['action'] },
    );
    fc.assert(
      fc.property(rule, (candidate) => {
        const parsed = relabelConfigSchema.safeParse(candidate);
        if (!parsed.success) return;
        createRelabeler([parsed.data])(
          new Map([
            ['a', 'x'],
            ['__proto__', 'y'],
          ]),
        );
        expect(({} as Record<string, unknown>)['a']).toBeUndefined();
      }),
    );
  });
});

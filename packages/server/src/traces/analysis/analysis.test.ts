import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SLICE_ITEMS, type Sliced } from '../../kernel/sliced.ts';
import type { SpanOutline, StoredSpan } from '../store/span.ts';
import { spanId, traceId } from '../testing/memory-traces.ts';
import { overRepresented as attributionSteps, criticalG2, logLikelihoodRatio } from './attribution.ts';
import { compareTraces as compareSteps, selfTime } from './compare.ts';
import { criticalPath as pathSteps } from './critical-path.ts';
import { type TraceTree, buildTree as treeSteps } from './tree.ts';

type Span = StoredSpan & SpanOutline;

function span(id: number, parent: number, start: number, end: number, more: Partial<Span> = {}): Span {
  return {
    traceId: traceId(1),
    spanId: spanId(id),
    parentId: parent === 0 ? '' : spanId(parent),
    start: 1_000_000n + BigInt(start),
    duration: end - start,
    kind: 1,
    status: 0,
    service: 'a',
    name: `op${id}`,
    source: 0n,
    statusMessage: '',
    traceState: '',
    flags: 0,
    attributes: [],
    events: new Uint8Array(0),
    links: new Uint8Array(0),
    failed: false,
    ...more,
  };
}

function atOnce<Made>(work: Sliced<Made>): Made {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
const buildTree = (spans: readonly Span[]) => atOnce(treeSteps(spans));
const criticalPath = (tree: TraceTree) => atOnce(pathSteps(tree));
const compareTraces = (a: TraceTree, b: TraceTree) => atOnce(compareSteps(a, b));
const overRepresented = (...sides: Parameters<typeof attributionSteps>) => atOnce(attributionSteps(...sides));

const rows = (spans: readonly Span[]) =>
  buildTree(spans).nodes.map(({ span: { name }, depth, parent }) => `${name} ${depth} ${parent}`);

describe('the tree of a trace', () => {
  it('is depth first, children by their start, whatever the order of the spans', () => {
    const spans = [span(4, 2, 6, 7), span(3, 1, 8, 9), span(1, 0, 0, 10), span(2, 1, 2, 8)];
    expect(rows(spans)).toEqual(['op1 0 -1', 'op2 1 0', 'op4 2 1', 'op3 1 0']);
  });

  it('makes roots of orphans, cuts cycles, and survives a chain of 30,000 spans', () => {
    const tree = buildTree([span(1, 99, 5, 6), span(2, 3, 0, 4), span(3, 2, 1, 3), span(4, 4, 2, 3)]);
    expect(tree.nodes).toHaveLength(4);
    // What calls itself its parent has none that was sent.
    expect([tree.orphans, tree.cycles]).toEqual([2, 1]);
    const chain = Array.from({ length: 30_000 }, (_, i) => span(i + 1, i, i, 200_000));
    const deep = buildTree(chain.reverse());
    expect(deep.nodes.at(-1)?.depth).toBe(29_999);
    expect(criticalPath(deep).at(-1)?.to).toBe(200_000);
    expect(compareTraces(deep, deep)).toHaveLength(50);
  });

  it("puts the server's side of a shared span under the client's, and what follows under the server's", () => {
    const client = span(1, 0, 0, 10, { kind: 3, name: 'client' });
    const server = span(1, 0, 2, 8, { kind: 2, name: 'server', service: 'b' });
    expect(rows([span(2, 1, 3, 4), server, client])).toEqual(['client 0 -1', 'server 1 0', 'op2 2 1']);
  });

  it('takes clock skew between services out, and only there', () => {
    const skews = (child: Span) => buildTree([span(1, 0, 0, 10), child]).nodes[1]?.skew;
    expect(skews(span(2, 1, -100, -96, { service: 'b' }))).toBe(0 + 3 + 100);
    expect(skews(span(2, 1, 8, 12, { service: 'b' }))).toBe(-5);
    expect(skews(span(2, 1, -5, 15, { service: 'b' }))).toBe(5);
    expect(skews(span(2, 1, 3, 4, { service: 'b' }))).toBe(0);
    expect(skews(span(2, 1, 8, 12))).toBe(0);
    expect(skews(span(2, 1, 20, 30, { service: 'b', kind: 5 }))).toBe(0);
    const below = buildTree([
      span(1, 0, 0, 10),
      span(2, 1, 8, 12, { service: 'b' }),
      span(3, 2, 9, 10, { service: 'b' }),
    ]);
    expect(below.nodes.map(({ skew }) => skew)).toEqual([0, -5, -5]);
  });
});

const tangled = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 0, max: 50 }),
      fc.nat(40),
      fc.constantFrom('a', 'b'),
    ),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((list) =>
    list.map(([parent, start, length, service], i) =>
      span(i + 1, parent, start, start + length, { service }),
    ),
  );

it('every span has one row, after its parent, whatever spans say of each other', () => {
  fc.assert(
    fc.property(tangled, (spans) => {
      const { nodes } = buildTree(spans);
      expect(new Set(nodes.map((node) => node.span))).toEqual(new Set(spans));
      for (const { parent, row, depth } of nodes) {
        expect(parent).toBeLessThan(row);
        expect(depth).toBe(parent < 0 ? 0 : (nodes[parent]?.depth ?? 0) + 1);
      }
    }),
  );
});

describe('the critical path', () => {
  const path = (spans: readonly Span[]) => {
    const tree = buildTree(spans);
    return criticalPath(tree).map(({ row, from, to }) => `${tree.nodes[row]?.span.name} ${from}-${to}`);
  };

  it('waits for the child that ended last, and works in between', () => {
    const spans = [
      span(1, 0, 0, 100),
      span(2, 1, 10, 40),
      span(3, 1, 20, 60),
      span(4, 1, 70, 90),
      span(5, 4, 75, 80),
    ];
    expect(path(spans)).toEqual([
      'op1 0-20',
      'op3 20-60',
      'op1 60-70',
      'op4 70-75',
      'op5 75-80',
      'op4 80-90',
      'op1 90-100',
    ]);
  });

  it('leaves out what goes on after the parent', () => {
    expect(path([span(1, 0, 0, 10), span(2, 1, 5, 50)])).toEqual(['op1 0-10']);
  });

  it('covers the longest root without a gap or overlap', () => {
    fc.assert(
      fc.property(tangled, (spans) => {
        const tree = buildTree(spans);
        const segments = criticalPath(tree);
        const longest = Math.max(...tree.roots.map(({ duration }) => duration));
        expect(segments.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(longest);
        for (const [i, { from }] of segments.entries()) if (i > 0) expect(from).toBe(segments[i - 1]?.to);
      }),
    );
  });
});

it.each([
  ['a chain', (i: number) => i],
  ['children of one span', (i: number) => Math.min(i, 1)],
  ['orphans', () => 99_999],
])('pauses for every slice of spans, for %s', (_, parent) => {
  const spans = Array.from({ length: 20_000 }, (__, i) => span(i + 1, parent(i), i, 400_000 - i));
  const slices = spans.length / SLICE_ITEMS;
  let pauses = 0;
  const counted = <Made>(work: Sliced<Made>): Made => {
    for (;;) {
      const step = work.next();
      if (step.done === true) return step.value;
      pauses++;
    }
  };
  const tree = counted(treeSteps(spans));
  expect(tree.nodes).toHaveLength(spans.length);
  expect(pauses).toBeGreaterThanOrEqual(slices * 4);
  pauses = 0;
  counted(pathSteps(tree));
  if (tree.roots.length === 1) expect(pauses).toBeGreaterThanOrEqual(slices);
  pauses = 0;
  counted(compareSteps(tree, tree));
  expect(pauses).toBeGreaterThanOrEqual(slices * 2);
  pauses = 0;
  const sides = { spans, sources: new Map() };
  counted(attributionSteps(sides, sides, 10));
  // Service, operation and kind of each span of both sides.
  expect(pauses).toBeGreaterThanOrEqual((slices * 6) / 10);
});

it('compares traces by service and operation, own time apart from that of children', () => {
  const a = buildTree([
    span(1, 0, 0, 100),
    span(2, 1, 10, 40, { name: 'db' }),
    span(3, 1, 30, 60, { name: 'db' }),
  ]);
  const b = buildTree([span(1, 0, 0, 300), span(2, 1, 10, 250, { name: 'db', failed: true })]);
  expect(a.roots[0] && selfTime(a.roots[0])).toBe(50);
  expect(compareTraces(a, b)).toEqual([
    {
      path: [
        { service: 'a', operation: 'op1' },
        { service: 'a', operation: 'db' },
      ],
      a: { spans: 2, errors: 0, duration: 60, self: 60 },
      b: { spans: 1, errors: 1, duration: 240, self: 240 },
    },
    {
      path: [{ service: 'a', operation: 'op1' }],
      a: { spans: 1, errors: 0, duration: 100, self: 50 },
      b: { spans: 1, errors: 0, duration: 300, self: 60 },
    },
  ]);
});

describe('attribution', () => {
  it("is Dunning's G², with the quantiles of chi square", () => {
    // Worked by hand: 2 Σ O ln(O/E) over the table 10|90, 5|895.
    const cells = [
      [10, 1.5],
      [90, 98.5],
      [5, 13.5],
      [895, 886.5],
    ] as const;
    const expected = 2 * cells.reduce((sum, [o, e]) => sum + o * Math.log(o / e), 0);
    expect(logLikelihoodRatio(10, 100, 5, 900)).toBeCloseTo(expected, 9);
    expect(logLikelihoodRatio(5, 10, 50, 100)).toBeCloseTo(0, 9);
    expect(criticalG2(0.05)).toBeCloseTo(3.8415, 1);
    expect(criticalG2(0.001)).toBeCloseTo(10.828, 1);
  });

  it('names what the slow ones have in common, and nothing where there is nothing', () => {
    const of = (n: number, attributes: (i: number) => [string, string][]) => ({
      spans: Array.from({ length: n }, (_, i) =>
        span(i + 1, 0, 0, 1, {
          name: 'op',
          attributes: attributes(i).map(([key, value]) => ({ key, type: 's' as const, value })),
        }),
      ),
      sources: new Map(),
    });
    const slow = of(100, (i) => [
      ['region', i < 80 ? 'eu' : 'us'],
      ['id', `${i}`],
      ['__proto__', i % 2 === 0 ? 'x' : 'y'],
    ]);
    const rest = of(1000, (i) => [
      ['region', i < 300 ? 'eu' : 'us'],
      ['id', `r${i}`],
      ['__proto__', i % 2 === 0 ? 'x' : 'y'],
    ]);
    const found = overRepresented(slow, rest, 10);
    expect(found).toMatchObject([
      { key: 'region', value: 'eu', selected: 80, others: 300, selectedShare: 0.8, othersShare: 0.3 },
    ]);
    expect(
      overRepresented(
        slow,
        of(0, () => []),
        10,
      ),
    ).toEqual([]);
  });
});

import { createMatcher } from '@pharos/promql';
import fc from 'fast-check';
import type {
  BinaryOperator,
  Expr,
  Grouping,
  LabelFilter,
  LogSelector,
  MetricExpr,
  Stage,
  Unwrap,
} from '../parse/ast.ts';

/** Random queries as trees, everything the language has among them; what a tree may not hold is left out. */
const SPAN = { start: 0, end: 0 };

const name = fc.constantFrom('app', 'level', 'duration', 'bytes', 'rate', '_x', 'a1', '__error__');
const text = fc.oneof(
  fc.constantFrom('x', 'a"b', 'back`tick', '\\d+', 'ü\u{1f600}', 'tab\t', '__proto__', ''),
  fc.string({ maxLength: 8 }),
);
const pattern = fc.constantFrom('a.*', 'x|y', '(?i)err', '\\d{3}', '^a$', '[a-z]+');
const number = fc.oneof(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(0.5, 1e-9, 1e21, 123.456));
const signed = fc.oneof(
  number,
  number.map((value) => (value === 0 ? 0 : -value)),
);
const duration = fc.constantFrom(1, 1500, 1e6, 5e8, 1e9, 9e10, 3.6e12, 8.64e13, 6.048e14, 3.1536e16);
const size = fc.constantFrom(0, 1, 999, 1000, 1024, 1_500_000, 3 * 1024 ** 3, 10 ** 15);
const ip = fc.constantFrom('10.0.0.1', '10.0.0.0/8', '::1', '10.0.0.1-10.0.0.9');

const matcher = fc.oneof(
  fc
    .tuple(name, fc.constantFrom('=', '!=' as const), text)
    .map(([n, op, v]) => createMatcher(n, op as '=', v)),
  fc
    .tuple(name, fc.constantFrom('=~', '!~' as const), pattern)
    .map(([n, op, v]) => createMatcher(n, op as '=~', v)),
);
const matchers = fc.array(matcher, { maxLength: 3 }).map((list) => [createMatcher('app', '=', 'x'), ...list]);

const comparison = fc.constantFrom('=', '==', '!=', '>', '>=', '<', '<=' as const);
const leafFilter: fc.Arbitrary<LabelFilter> = fc.oneof(
  matcher.map((one) => ({ kind: 'string', matcher: one }) as const),
  fc
    .tuple(name, comparison, signed)
    .map(([n, op, value]) => ({ kind: 'number', name: n, op: op as '>', value }) as const),
  fc
    .tuple(name, comparison, duration)
    .map(([n, op, value]) => ({ kind: 'duration', name: n, op: op as '>', value }) as const),
  fc
    .tuple(name, comparison, size)
    .map(([n, op, value]) => ({ kind: 'bytes', name: n, op: op as '>', value }) as const),
  fc
    .tuple(name, fc.constantFrom('=', '!='), ip)
    .map(([n, op, p]) => ({ kind: 'ip', name: n, op: op as '=', pattern: p }) as const),
);
const { filter: labelFilter } = fc.letrec<{ filter: LabelFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    leafFilter,
    fc
      .tuple(fc.constantFrom('and', 'or' as const), tie('filter'), tie('filter'))
      .map(([kind, left, right]) => ({ kind: kind as 'and', left, right })),
  ),
}));

const extraction = fc
  .tuple(fc.constantFrom('x', 'y_1'), fc.constantFrom('x', 'a.b[0]', 'k'))
  .map(([n, expression]) => ({ name: n, expression }));
const choice = fc.oneof(
  name.map((n) => ({ name: n, matcher: undefined })),
  matcher.map((one) => ({ name: one.name, matcher: one })),
);
const lineFilter: fc.Arbitrary<Stage> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('|=', '!=' as const),
      fc.array(
        fc.oneof(
          text.map((value) => ({ kind: 'text', value }) as const),
          ip.map((value) => ({ kind: 'ip', value }) as const),
        ),
        { minLength: 1, maxLength: 3 },
      ),
    )
    .map(([op, terms]) => ({ kind: 'line_filter', op: op as '|=', terms, span: SPAN }) as const),
  fc.tuple(fc.constantFrom('|~', '!~' as const), fc.array(pattern, { minLength: 1, maxLength: 2 })).map(
    ([op, values]) =>
      ({
        kind: 'line_filter',
        op: op as '|~',
        terms: values.map((value) => ({ kind: 'text', value }) as const),
        span: SPAN,
      }) as const,
  ),
);

const stage: fc.Arbitrary<Stage> = fc.oneof(
  lineFilter,
  fc
    .array(extraction, { maxLength: 2 })
    .map((extractions) => ({ kind: 'json', extractions, span: SPAN }) as const),
  fc
    .tuple(fc.boolean(), fc.boolean())
    .map(
      ([strict, keepEmpty]) => ({ kind: 'logfmt', strict, keepEmpty, extractions: [], span: SPAN }) as const,
    ),
  fc.constant({ kind: 'regexp', pattern: '(?P<m>\\w+) "x`', span: SPAN } as const),
  fc.constant({ kind: 'pattern', pattern: '<ip> "<_>" <m>', span: SPAN } as const),
  fc.constantFrom({ kind: 'unpack', span: SPAN } as const, { kind: 'decolorize', span: SPAN } as const),
  labelFilter.map((filter) => ({ kind: 'label_filter', filter, span: SPAN }) as const),
  fc
    .constantFrom('{{.a}}', '{{ .a | upper }} "x"')
    .map((template) => ({ kind: 'line_format', template, span: SPAN }) as const),
  fc.constant({
    kind: 'label_format',
    formats: [
      { kind: 'rename', name: 'p', source: 'q' },
      { kind: 'template', name: 'r', template: '{{.s}}' },
    ],
    span: SPAN,
  } as const),
  fc
    .tuple(fc.constantFrom('drop', 'keep' as const), fc.array(choice, { minLength: 1, maxLength: 3 }))
    .map(([kind, choices]) => ({ kind: kind as 'drop', choices, span: SPAN })),
);

const logQuery: fc.Arbitrary<LogSelector> = fc
  .tuple(matchers, fc.array(stage, { maxLength: 4 }))
  .filter(([, stages]) => !stages.some((one, index) => bindsNegation(one, stages[index + 1])))
  .map(([list, stages]) => ({ kind: 'log', matchers: list, stages, span: SPAN }));

/** `| drop x != "y"` is a condition on x: a filter of lines cannot stand there. */
function bindsNegation(one: Stage, next: Stage | undefined): boolean {
  if ((one.kind !== 'drop' && one.kind !== 'keep') || next?.kind !== 'line_filter') return false;
  return one.choices.at(-1)?.matcher === undefined && next.op.startsWith('!');
}

const grouping: fc.Arbitrary<Grouping> = fc
  .tuple(fc.boolean(), fc.uniqueArray(name, { maxLength: 2 }))
  .map(([without, labels]) => ({ without, labels }));
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

const unwrap: fc.Arbitrary<Unwrap> = fc
  .tuple(
    name,
    optional(fc.constantFrom('bytes', 'duration', 'duration_seconds' as const)),
    fc.array(labelFilter, { maxLength: 2 }),
  )
  .map(([n, conversion, filters]) => ({ name: n, conversion: conversion as 'bytes' | undefined, filters }));
const times = fc.tuple(
  duration,
  fc.oneof(
    fc.constant(0),
    duration,
    duration.map((ns) => -ns),
  ),
);

const counting: fc.Arbitrary<MetricExpr> = fc
  .tuple(
    fc.constantFrom('rate', 'count_over_time', 'bytes_rate', 'absent_over_time' as const),
    logQuery,
    times,
  )
  .map(([func, selector, [rangeNs, offsetNs]]) => ({
    kind: 'range',
    func: func as 'rate',
    selector,
    unwrap: undefined,
    rangeNs,
    offsetNs,
    param: undefined,
    grouping: undefined,
    span: SPAN,
  }));
const valued: fc.Arbitrary<MetricExpr> = fc
  .tuple(
    fc.constantFrom('avg_over_time', 'quantile_over_time', 'last_over_time' as const),
    logQuery,
    unwrap,
    times,
    optional(grouping),
  )
  .map(([func, selector, values, [rangeNs, offsetNs], group]) => ({
    kind: 'range',
    func: func as 'avg_over_time',
    selector,
    unwrap: values,
    rangeNs,
    offsetNs,
    param: func === 'quantile_over_time' ? 0.95 : undefined,
    grouping: group,
    span: SPAN,
  }));

const SETS = ['and', 'or', 'unless'] as const;
const ARITHMETIC = ['+', '-', '*', '/', '%', '^', '==', '!=', '>', '<', '>=', '<='] as const;
const matching = fc
  .tuple(
    fc.boolean(),
    fc.uniqueArray(name, { minLength: 1, maxLength: 2 }),
    fc.constantFrom('one-to-one', 'many-to-one', 'one-to-many' as const),
    fc.uniqueArray(name, { maxLength: 1 }),
  )
  .map(([on, labels, cardinality, include]) => ({
    on,
    labels,
    cardinality: cardinality as 'one-to-one',
    include: cardinality === 'one-to-one' ? [] : include,
    fillLeft: undefined,
    fillRight: undefined,
  }));
const plain = { on: false, labels: [], include: [], fillLeft: undefined, fillRight: undefined };

const { metric } = fc.letrec<{ metric: MetricExpr }>((tie) => ({
  metric: fc.oneof(
    { maxDepth: 3 },
    counting,
    valued,
    number.map((value) => ({ kind: 'vector', value, span: SPAN }) as const),
    fc.tuple(fc.constantFrom('sum', 'avg', 'stdvar', 'topk' as const), tie('metric'), optional(grouping)).map(
      ([op, expr, group]) =>
        ({
          kind: 'aggregate',
          op: op as 'sum',
          expr,
          param: op === 'topk' ? 3 : undefined,
          grouping: group,
          span: SPAN,
        }) as const,
    ),
    fc.tuple(tie('metric'), text, text).map(
      ([expr, replacement, source]) =>
        ({
          kind: 'label_replace',
          expr,
          target: 'dst',
          replacement,
          source,
          pattern: '(.*)"`',
          span: SPAN,
        }) as const,
    ),
    fc
      .tuple(
        fc.constantFrom(...ARITHMETIC),
        tie('metric'),
        fc.oneof(
          tie('metric'),
          signed.map((value) => ({ kind: 'number', value, span: SPAN }) as const),
        ),
        fc.boolean(),
        optional(matching),
      )
      .map(
        ([op, left, right, returnBool, match]) =>
          ({
            kind: 'binary',
            op: op as BinaryOperator,
            left,
            right,
            returnBool,
            matching: match ?? { ...plain, cardinality: 'one-to-one' },
            span: SPAN,
          }) as const,
      ),
    fc.tuple(fc.constantFrom(...SETS), tie('metric'), tie('metric')).map(
      ([op, left, right]) =>
        ({
          kind: 'binary',
          op,
          left,
          right,
          returnBool: false,
          matching: { ...plain, cardinality: 'many-to-many' },
          span: SPAN,
        }) as const,
    ),
  ),
}));

export const query: fc.Arbitrary<Expr> = fc.oneof(logQuery, metric);

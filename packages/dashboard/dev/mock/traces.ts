import { namesOf, type Scenario, seedOf } from './world.ts';

const MS = 1_000_000;
/** Traces began at even seconds, the newest this long ago. */
const AGE_MS = 4000;
const OPERATIONS = [
  'GET /cart',
  'POST /orders',
  'GET /products',
  'SELECT products',
  'INSERT orders',
  'verify token',
];
/** What the `large` scenario's traces hold. */
const LARGE_SPANS = 50_000;

interface MockSpan {
  readonly id: string;
  readonly parent: number;
  readonly depth: number;
  readonly service: string;
  readonly operation: string;
  readonly kind: number;
  readonly failed: boolean;
  readonly start: number;
  readonly duration: number;
  readonly skew: number;
  children: number;
}

interface MockTrace {
  readonly id: string;
  readonly startMs: number;
  readonly spans: readonly MockSpan[];
  readonly path: readonly { readonly row: number; readonly from: number; readonly to: number }[];
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** A trace's id carries the second it began in, so that it is found again without being kept. */
function idOf(second: number): string {
  return `abcdef0123456789${hex(second, 16)}`;
}

function spanOf(
  index: number,
  parent: number,
  depth: number,
  rest: Pick<MockSpan, 'service' | 'start' | 'duration'>,
): MockSpan {
  const operation = OPERATIONS[depth === 0 ? index % 3 : (depth + index) % OPERATIONS.length] ?? '';
  const kind = depth % 2 === 0 ? 2 : 3;
  return {
    id: hex(index + 1, 16),
    parent,
    depth,
    operation,
    kind,
    failed: false,
    skew: 0,
    children: 0,
    ...rest,
  };
}

/** A root with calls one after the other, each with work below it; the last call fails in every seventh trace. */
function smallTrace(second: number, names: readonly string[]): MockTrace {
  const id = idOf(second);
  const failing = second % 7 === 0;
  const slow = second % 11 === 0 ? 8 : 1;
  const duration = (40 + (seedOf(id) % 90)) * slow * MS;
  const service = (depth: number): string => names[(second + depth) % names.length] ?? '';
  const spans: MockSpan[] = [spanOf(0, -1, 0, { service: service(0), start: 0, duration })];
  const path: { row: number; from: number; to: number }[] = [];
  const calls = 3 + (second % 4);
  let at = duration * 0.04;
  path.push({ row: 0, from: 0, to: at });
  for (let call = 0; call < calls; call++) {
    const length = (duration * 0.9) / calls;
    const row = spans.length;
    const failed = failing && call === calls - 1;
    const own = { service: service(call + 1), start: at, duration: length * 0.9 };
    spans.push({ ...spanOf(row, 0, 1, own), failed });
    spans.push({
      ...spanOf(row + 1, row, 2, { ...own, start: at + length * 0.2, duration: length * 0.5 }),
      failed,
    });
    path.push({ row, from: at, to: at + length * 0.2 });
    path.push({ row: row + 1, from: at + length * 0.2, to: at + length * 0.7 });
    path.push({ row, from: at + length * 0.7, to: at + length * 0.9 });
    path.push({ row: 0, from: at + length * 0.9, to: at + length });
    at += length;
  }
  for (const { parent } of spans) {
    const above = spans[parent];
    if (above !== undefined) above.children++;
  }
  return { id, startMs: second * 1000, spans, path };
}

let large: MockTrace | null = null;

/** Batches of work, each with steps, each with statements: 1 + 100 × (1 + 20 × (1 + 24)) spans, cut to the number. */
function largeTrace(second: number, names: readonly string[]): MockTrace {
  if (large !== null && large.id === idOf(second)) return large;
  const spans: MockSpan[] = [spanOf(0, -1, 0, { service: names[0] ?? '', start: 0, duration: 60_000 * MS })];
  const path: { row: number; from: number; to: number }[] = [];
  const below = (parent: number, count: number, levels: number): void => {
    const above = spans[parent];
    if (above === undefined) return;
    for (let index = 0; index < count && spans.length < LARGE_SPANS; index++) {
      const length = (above.duration / count) * 0.9;
      const row = spans.length;
      const start = above.start + (above.duration / count) * index;
      const service = names[(above.depth * 7 + index) % names.length] ?? '';
      const failed = row % 997 === 0;
      spans.push({ ...spanOf(row, parent, above.depth + 1, { service, start, duration: length }), failed });
      above.children++;
      if (levels > 1) below(row, levels === 3 ? 20 : 24, levels - 1);
      else path.push({ row, from: start, to: start + length });
    }
  };
  below(0, 100, 3);
  large = { id: idOf(second), startMs: second * 1000, spans, path };
  return large;
}

function traceAt(scenario: Scenario, second: number, names: readonly string[]): MockTrace {
  return scenario === 'large' && second % 10 === 0 ? largeTrace(second, names) : smallTrace(second, names);
}

class Places {
  readonly texts: string[] = [];

  of(text: string): number {
    const known = this.texts.indexOf(text);
    return known >= 0 ? known : this.texts.push(text) - 1;
  }
}

function pageOf({ id, startMs, spans, path }: MockTrace, offset: number, limit: number) {
  const rows = spans.slice(offset, offset + limit);
  const [services, operations] = [new Places(), new Places()];
  return {
    trace_id: id,
    start: new Date(startMs).toISOString(),
    start_ns: String(BigInt(startMs) * BigInt(MS)),
    duration_ns: spans[0]?.duration ?? 0,
    total: spans.length,
    errors: spans.filter(({ failed }) => failed).length,
    orphans: 0,
    cycles: 0,
    warnings: [],
    rows: {
      offset,
      span_id: rows.map((span) => span.id),
      parent: rows.map((span) => span.parent),
      depth: rows.map((span) => span.depth),
      children: rows.map((span) => span.children),
      service: rows.map((span) => services.of(span.service)),
      operation: rows.map((span) => operations.of(span.operation)),
      kind: rows.map((span) => span.kind),
      failed: rows.map((span) => (span.failed ? 1 : 0)),
      start_ns: rows.map((span) => span.start),
      duration_ns: rows.map((span) => span.duration),
      skew_ns: rows.map((span) => span.skew),
    },
    services: services.texts,
    operations: operations.texts,
    critical_path:
      offset === 0
        ? {
            row: path.map(({ row }) => row),
            from_ns: path.map(({ from }) => from),
            to_ns: path.map(({ to }) => to),
          }
        : { row: [], from_ns: [], to_ns: [] },
  };
}

function summaryOf({ id, startMs, spans }: MockTrace) {
  const services = new Map<string, { service: string; spans: number; errors: number }>();
  for (const { service, failed } of spans) {
    const known = services.get(service) ?? { service, spans: 0, errors: 0 };
    known.spans++;
    known.errors += failed ? 1 : 0;
    services.set(service, known);
  }
  const [root] = spans;
  return {
    trace_id: id,
    root_service: root?.service ?? '',
    root_operation: root?.operation ?? '',
    start: new Date(startMs).toISOString(),
    start_ns: String(BigInt(startMs) * BigInt(MS)),
    duration_ns: root?.duration ?? 0,
    spans: spans.length,
    errors: spans.filter(({ failed }) => failed).length,
    services: [...services.values()],
  };
}

function spanDetail({ id, startMs, spans }: MockTrace, spanId: string) {
  const span = spans.find((candidate) => candidate.id === spanId);
  if (span === undefined) return undefined;
  const text = (key: string, value: string) => ({ key, type: 'string', value });
  const start = BigInt(startMs) * BigInt(MS) + BigInt(Math.round(span.start));
  return {
    trace_id: id,
    span_id: spanId,
    parent_id: spans[span.parent]?.id ?? '',
    service: span.service,
    operation: span.operation,
    kind: span.kind === 2 ? 'server' : 'client',
    status: span.failed ? 'error' : 'unset',
    status_message: span.failed ? 'no stock' : '',
    start_ns: String(start),
    duration_ns: span.duration,
    trace_state: '',
    attributes: [
      text('http.route', span.operation),
      text('request_id', `r-${startMs}`),
      { key: 'retries', type: 'int', value: '2' },
    ],
    events: span.failed
      ? [
          {
            time_ns: String(start + 1_000_000n),
            name: 'exception',
            attributes: [
              text('exception.type', 'OutOfStock'),
              text('exception.message', 'no stock of 17'),
              text('exception.stacktrace', 'OutOfStock: no stock of 17\n    at reserve (store.ts:12:3)'),
            ],
          },
        ]
      : [],
    links: [],
    resource: [text('service.name', span.service), text('service.version', '1.4.2')],
    scope: { name: 'shop', version: '1.0' },
  };
}

function logsOf({ startMs, spans }: MockTrace) {
  return {
    next: null,
    warnings: [],
    logs: spans.slice(0, 40).map((span, index) => ({
      time_ns: String(BigInt(startMs) * BigInt(MS) + BigInt(Math.round(span.start))),
      service: span.service,
      level: span.failed ? 'error' : 'info',
      message: `${span.operation} ${index}`,
      span_id: span.id,
    })),
  };
}

function secondOf(id: string): number {
  return id.startsWith('abcdef0123456789') ? Number.parseInt(id.slice(16), 16) : Number.NaN;
}

function wanted({ spans }: MockTrace, query: URLSearchParams): boolean {
  const [service, operation, error] = ['service', 'operation', 'error'].map((name) => query.get(name));
  const least = /^([\d.]+)(ms|s)$/.exec(query.get('min_duration') ?? '');
  const min = least === null ? 0 : Number(least[1]) * (least[2] === 's' ? 1000 * MS : MS);
  return spans.some(
    (span) =>
      (service === null || span.service === service) &&
      (operation === null || span.operation === operation) &&
      (error === null || span.failed) &&
      span.duration >= min,
  );
}

/** The traces of the last ten minutes that a query asks for, newest first. */
function found(scenario: Scenario, query: URLSearchParams, now: number): MockTrace[] {
  const names = namesOf(scenario);
  if (names.length === 0) return [];
  const last = Math.floor((now - AGE_MS) / 1000);
  return Array.from({ length: 300 }, (_, index) => traceAt(scenario, last - index * 2 - (last % 2), names))
    .filter((trace) => wanted(trace, query))
    .slice(0, Number(query.get('limit') ?? 1500));
}

function pointsOf(traces: readonly ReturnType<typeof summaryOf>[]) {
  const services = [...new Set(traces.map(({ root_service }) => root_service))];
  const operations = [...new Set(traces.map(({ root_operation }) => root_operation))];
  return {
    total: traces.length * 4,
    every: 4,
    warnings: [],
    services,
    operations,
    points: {
      trace_id: traces.map(({ trace_id }) => trace_id),
      start_ms: traces.map(({ start_ns }) => Number(BigInt(start_ns) / BigInt(MS))),
      duration_ns: traces.map(({ duration_ns }) => duration_ns),
      failed: traces.map(({ errors }) => (errors > 0 ? 1 : 0)),
      service: traces.map(({ root_service }) => services.indexOf(root_service)),
      operation: traces.map(({ root_operation }) => operations.indexOf(root_operation)),
    },
  };
}

function comparisonOf(a: MockTrace, b: MockTrace) {
  const none = { spans: 0, errors: 0, duration_ns: 0, self_ns: 0 };
  const places = new Map<
    string,
    { path: { service: string; operation: string }[]; a: typeof none; b: typeof none }
  >();
  for (const [side, { spans }] of [
    ['a', a],
    ['b', b],
  ] as const)
    for (const span of spans) {
      const path = [{ service: span.service, operation: span.operation }];
      for (let at = spans[span.parent]; at !== undefined; at = spans[at.parent])
        path.unshift({ service: at.service, operation: at.operation });
      const key = JSON.stringify(path);
      const place = places.get(key) ?? { path, a: none, b: none };
      const { spans: count, errors, duration_ns, self_ns } = place[side];
      place[side] = {
        spans: count + 1,
        errors: errors + (span.failed ? 1 : 0),
        duration_ns: duration_ns + span.duration,
        self_ns: self_ns + span.duration / (span.children + 1),
      };
      places.set(key, place);
    }
  const sideOf = ({ id, spans }: MockTrace) => ({
    trace_id: id,
    duration_ns: spans[0]?.duration ?? 0,
    spans: spans.length,
  });
  return { a: sideOf(a), b: sideOf(b), warnings: [], total: places.size, places: [...places.values()] };
}

const ATTRIBUTION = {
  selected: 12,
  others: 200,
  statistic: 'G2',
  warnings: [],
  values: [
    {
      service: 'catalog',
      key: 'db.statement',
      value: 'SELECT products',
      selected_share: 0.92,
      others_share: 0.04,
    },
    { service: 'order', key: 'service.version', value: '1.4.2', selected_share: 0.75, others_share: 0.31 },
  ].map((value) => ({ ...value, selected: 11, others: 8, score: 60 })),
};

/** Of the requests whose log lines have the level error. */
function errorsOf(requestId: string) {
  if (!/^r-\d*8$/.test(requestId)) return [];
  return [{ id: '1'.repeat(32), group: '2'.repeat(16), name: 'TimeoutError', message: 'no answer of user' }];
}

/** Of Pharos' own API of traces what its pages ask; null for nothing found, undefined for another path. */
export function tracesAnswer(scenario: Scenario, url: URL, now: number): unknown {
  const query = url.searchParams;
  const names = namesOf(scenario);
  const known = (id: string): MockTrace | null =>
    Number.isNaN(secondOf(id)) || names.length === 0 ? null : traceAt(scenario, secondOf(id), names);
  if (url.pathname === '/jaeger/api/services') return { data: names };
  if (/^\/jaeger\/api\/services\/[^/]+\/operations$/.test(url.pathname)) return { data: OPERATIONS };
  if (url.pathname === '/api/logs') {
    const trace = known(query.get('trace_id') ?? '');
    return trace === null ? { next: null, warnings: [], logs: [] } : logsOf(trace);
  }
  if (url.pathname === '/api/v1/errors/events')
    return { next: null, warnings: [], events: errorsOf(url.searchParams.get('request_id') ?? '') };
  if (url.pathname === '/api/v1/traces')
    return {
      timestamp: new Date(now).toISOString(),
      warnings: [],
      traces: found(scenario, query, now).map(summaryOf),
    };
  if (url.pathname === '/api/v1/traces/points') return pointsOf(found(scenario, query, now).map(summaryOf));
  if (url.pathname === '/api/v1/traces/compare') {
    const [a, b] = [known(query.get('a') ?? ''), known(query.get('b') ?? '')];
    return a === null || b === null ? null : comparisonOf(a, b);
  }
  if (url.pathname === '/api/v1/traces/attribution') return ATTRIBUTION;
  return traceAnswer(known, url);
}

function traceAnswer(known: (id: string) => MockTrace | null, url: URL): unknown {
  const query = url.searchParams;
  const [, id = '', span] =
    /^\/api\/v1\/traces\/([0-9a-f]+)(?:\/spans\/([0-9a-f]+)|\/find)?$/.exec(url.pathname) ?? [];
  if (id === '') return undefined;
  const trace = known(id);
  if (trace === null) return null;
  if (span !== undefined) return spanDetail(trace, span) ?? null;
  if (url.pathname.endsWith('/find')) {
    const ids = trace.spans.filter(({ failed }) => failed).map((one) => one.id);
    const isThere = 'exception.type=outofstock'.includes((query.get('q') ?? '').toLowerCase());
    return { total: isThere ? ids.length : 0, span_id: isThere ? ids : [], warnings: [] };
  }
  return pageOf(trace, Number(query.get('offset') ?? 0), Number(query.get('limit') ?? 150000));
}

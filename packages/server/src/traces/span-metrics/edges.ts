import { type Measured, type MeasuredSet, measuredFrom, OVERFLOW } from '../measured.ts';
import { type EdgeKey, edgeText, type MinuteCalls, type NodeType } from '../topology/index.ts';

const MINUTE_MS = 60_000;
/** Minutes whose calls are remembered, so that what comes late to them is counted and nothing twice. */
const REMEMBERED = 10;

/** What Tempo and OpenTelemetry's service graph connector call the ways that services are connected. */
const CONNECTIONS: Readonly<Record<NodeType, Readonly<Record<string, string>>>> = {
  service: {},
  database: { connection_type: 'database' },
  messaging: { connection_type: 'messaging_system' },
  external: { connection_type: 'virtual_node' },
};

interface EdgeSeries extends Measured {
  /** Null for the calls beyond the limit, whoever made them. */
  readonly edge: EdgeKey | null;
}

/** How much of a minute's calls along an edge is counted. */
interface Counted {
  readonly counts: Float64Array;
  failed: number;
  sum: number;
}

interface TenantEdges {
  readonly series: Map<string, EdgeSeries>;
  overflow: EdgeSeries | null;
  readonly minutes: Map<number, Map<string, Counted>>;
}

/**
 * Requests, errors and durations of the calls between services, and to what they call, of every tenant, under the names of Tempo's and
 * OpenTelemetry's service graphs (where Grafana looks for them); bounded per tenant. Minutes before the process began were counted by
 * the one before it: they are left out.
 */
export class EdgeCounts implements MeasuredSet<EdgeSeries> {
  readonly names = {
    calls: 'traces_service_graph_request_total',
    failed: 'traces_service_graph_request_failed_total',
    duration: 'traces_service_graph_request_server_seconds',
    what: 'Calls by who calls whom',
  };
  readonly #limit: number;
  readonly #firstMinute: number;
  readonly #tenants = new Map<string, TenantEdges>();

  /** @param limit edges of a tenant; calls along further ones count together. */
  constructor(limit: number, now: number) {
    this.#limit = limit;
    this.#firstMinute = Math.floor(now / MINUTE_MS);
  }

  tenants(): Iterable<string> {
    return this.#tenants.keys();
  }

  /** Counts what is new in a minute. What was taken for a call and turns out to be none stays: counters do not fall. */
  count(tenant: string, { minute, edges }: MinuteCalls, now: number): void {
    const oldest = Math.max(this.#firstMinute, Math.floor(now / MINUTE_MS) - REMEMBERED);
    if (minute < oldest || edges.length === 0) return;
    const known = this.#of(tenant);
    for (const past of known.minutes.keys()) if (past < oldest) known.minutes.delete(past);
    let counted = known.minutes.get(minute);
    if (counted === undefined) known.minutes.set(minute, (counted = new Map<string, Counted>()));
    for (const { edge, calls } of edges) {
      const key = edgeText(edge);
      let before = counted.get(key);
      if (before === undefined)
        counted.set(key, (before = { counts: new Float64Array(calls.counts.length), failed: 0, sum: 0 }));
      const series = this.#seriesOf(known, key, edge, now);
      if (add(series, before, calls)) {
        series.usedAt = now;
        if (calls.slowest !== null && (series.slowest?.seconds ?? 0) <= calls.slowest.seconds)
          series.slowest = calls.slowest;
      }
    }
  }

  *of(tenant: string): Generator<EdgeSeries> {
    const known = this.#tenants.get(tenant);
    if (known === undefined) return;
    yield* known.series.values();
    if (known.overflow !== null) yield known.overflow;
  }

  labelsOf({ edge }: EdgeSeries): Readonly<Record<string, string>> {
    if (edge === null) return OVERFLOW;
    return { client: edge.caller, server: edge.callee, ...CONNECTIONS[edge.type] };
  }

  forget(tenant: string, { edge }: EdgeSeries): void {
    const known = this.#tenants.get(tenant);
    if (known === undefined) return;
    if (edge === null) known.overflow = null;
    else known.series.delete(edgeText(edge));
    if (known.series.size === 0 && known.overflow === null) this.#tenants.delete(tenant);
  }

  #of(tenant: string): TenantEdges {
    let known = this.#tenants.get(tenant);
    if (known === undefined)
      this.#tenants.set(tenant, (known = { series: new Map(), overflow: null, minutes: new Map() }));
    return known;
  }

  #seriesOf(known: TenantEdges, key: string, edge: EdgeKey, now: number): EdgeSeries {
    const present = known.series.get(key);
    if (present !== undefined) return present;
    if (known.series.size >= this.#limit) {
      known.overflow ??= { edge: null, ...measuredFrom(now) };
      return known.overflow;
    }
    const made: EdgeSeries = { edge, ...measuredFrom(now) };
    known.series.set(key, made);
    return made;
  }
}

/** Adds what is more than was counted before, which it then is; whether there was more. */
function add(to: Measured, before: Counted, now: Pick<Measured, 'counts' | 'failed' | 'sum'>): boolean {
  let more = false;
  for (let place = 0; place < now.counts.length; place++) {
    const added = now.counts[place] - before.counts[place];
    if (added <= 0) continue;
    more = true;
    to.counts[place] += added;
    before.counts[place] = now.counts[place];
  }
  to.failed += Math.max(0, now.failed - before.failed);
  to.sum += Math.max(0, now.sum - before.sum);
  before.failed = Math.max(before.failed, now.failed);
  before.sum = Math.max(before.sum, now.sum);
  return more;
}

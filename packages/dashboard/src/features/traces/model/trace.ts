import type { TracePage } from '../contracts.ts';

/**
 * A trace in columns, one place per span, depth first with siblings by their start. Times are nanoseconds after the trace's start,
 * clocks set right. Arrays have room for the whole trace; places from `loaded` on have not come yet.
 */
export interface Trace {
  readonly id: string;
  /** Nanoseconds since 1970. */
  readonly startNs: bigint;
  readonly duration: number;
  readonly total: number;
  readonly loaded: number;
  readonly errors: number;
  readonly orphans: number;
  readonly cycles: number;
  /** Spans whose start was moved, since their host's clock differs. */
  readonly skewed: number;
  readonly warnings: readonly string[];
  readonly spanIds: readonly string[];
  /** -1 for a root. */
  readonly parent: Int32Array;
  readonly depth: Uint32Array;
  readonly children: Uint32Array;
  /** Places in `services` and `operations`. */
  readonly service: Uint32Array;
  readonly operation: Uint32Array;
  readonly kind: Uint8Array;
  readonly failed: Uint8Array;
  readonly start: Float64Array;
  readonly length: Float64Array;
  readonly skew: Float64Array;
  readonly services: readonly string[];
  readonly operations: readonly string[];
  readonly path: CriticalPath;
}

/** Which span kept the trace from ending, and when: segments in order of row, those of a row between two places of `first`. */
interface CriticalPath {
  /** One place per row and one beyond: where its segments begin. */
  readonly first: Uint32Array;
  readonly from: Float64Array;
  readonly to: Float64Array;
}

function pathOf(total: number, { row, from_ns, to_ns }: TracePage['critical_path']): CriticalPath {
  const first = new Uint32Array(total + 1);
  for (const place of row) if (place >= 0 && place < total) first[place + 1]++;
  for (let place = 0; place < total; place++) first[place + 1] += first[place];
  const next = first.slice();
  const from = new Float64Array(row.length);
  const to = new Float64Array(row.length);
  for (const [index, place] of row.entries()) {
    if (place < 0 || place >= total) continue;
    const at = next[place]++;
    from[at] = from_ns[index] ?? 0;
    to[at] = to_ns[index] ?? 0;
  }
  return { first, from, to };
}

class Names {
  readonly list: string[] = [];
  readonly #places = new Map<string, number>();

  /** Places of these names among all. */
  add(names: readonly string[]): readonly number[] {
    return names.map((name) => {
      const known = this.#places.get(name);
      if (known !== undefined) return known;
      this.#places.set(name, this.list.length);
      return this.list.push(name) - 1;
    });
  }
}

/** Puts the pages of a trace together as they come. */
export class TraceBuilder {
  readonly #head: TracePage;
  readonly #columns: Pick<
    Trace,
    | 'parent'
    | 'depth'
    | 'children'
    | 'service'
    | 'operation'
    | 'kind'
    | 'failed'
    | 'start'
    | 'length'
    | 'skew'
    | 'path'
  >;
  readonly #spanIds: string[] = [];
  readonly #services = new Names();
  readonly #operations = new Names();
  #skewed = 0;

  /** `first` is the page at offset 0, which alone carries the critical path; it is yet to be added. */
  constructor(first: TracePage) {
    const { total } = first;
    this.#head = first;
    this.#columns = {
      parent: new Int32Array(total),
      depth: new Uint32Array(total),
      children: new Uint32Array(total),
      service: new Uint32Array(total),
      operation: new Uint32Array(total),
      kind: new Uint8Array(total),
      failed: new Uint8Array(total),
      start: new Float64Array(total),
      length: new Float64Array(total),
      skew: new Float64Array(total),
      path: pathOf(total, first.critical_path),
    };
  }

  get loaded(): number {
    return this.#spanIds.length;
  }

  /** Whether the page continues what is there: of the same state of the trace, and the next one. */
  continues({ total, start_ns, rows }: TracePage): boolean {
    return total === this.#head.total && start_ns === this.#head.start_ns && rows.offset === this.loaded;
  }

  add(page: TracePage): void {
    const { rows } = page;
    const columns = this.#columns;
    const services = this.#services.add(page.services);
    const operations = this.#operations.add(page.operations);
    const room = Math.min(rows.span_id.length, this.#head.total - this.loaded);
    for (let index = 0; index < room; index++) {
      const at = this.#spanIds.push(rows.span_id[index] ?? '') - 1;
      const skew = rows.skew_ns[index] ?? 0;
      columns.parent[at] = rows.parent[index] ?? -1;
      columns.depth[at] = rows.depth[index] ?? 0;
      columns.children[at] = rows.children[index] ?? 0;
      columns.service[at] = services[rows.service[index] ?? 0] ?? 0;
      columns.operation[at] = operations[rows.operation[index] ?? 0] ?? 0;
      columns.kind[at] = rows.kind[index] ?? 0;
      columns.failed[at] = rows.failed[index] ?? 0;
      columns.start[at] = (rows.start_ns[index] ?? 0) + skew;
      columns.length[at] = rows.duration_ns[index] ?? 0;
      columns.skew[at] = skew;
      if (skew !== 0) this.#skewed++;
    }
  }

  /** What is there so far; later pages write behind its `loaded`. */
  trace(): Trace {
    const { trace_id: id, start_ns, duration_ns: duration, ...head } = this.#head;
    return {
      id,
      startNs: BigInt(start_ns),
      duration,
      total: head.total,
      loaded: this.loaded,
      errors: head.errors,
      orphans: head.orphans,
      cycles: head.cycles,
      skewed: this.#skewed,
      warnings: head.warnings,
      spanIds: this.#spanIds,
      services: this.#services.list,
      operations: this.#operations.list,
      ...this.#columns,
    };
  }
}

/** The row and its ancestors, the root first. */
export function chainOf({ parent }: Trace, row: number): readonly number[] {
  const chain: number[] = [];
  for (let at = row; at >= 0; at = parent[at]) chain.push(at);
  return chain.reverse();
}

export function serviceOf({ services, service }: Trace, row: number): string {
  return services[service[row]] ?? '';
}

export function operationOf({ operations, operation }: Trace, row: number): string {
  return operations[operation[row]] ?? '';
}

/** How long the row kept the trace from ending, nanoseconds. */
export function onPath({ path: { first, from, to } }: Trace, row: number): number {
  let sum = 0;
  for (let at = first[row]; at < first[row + 1]; at++) sum += to[at] - from[at];
  return sum;
}

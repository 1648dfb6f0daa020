import { Labels as LabelSet, type Labels } from '@pharos/promql';
import type { ServiceNames } from '../../kernel/names.ts';
import { namedLevel } from '../level.ts';
import type { LineRefusal, StreamRef } from '../sink.ts';
import type { LogHasher, Words } from './hasher.ts';
import type { RowStream } from './line-rows.ts';

/** A stream: one label set of one tenant. */
export interface Stream extends RowStream {
  readonly ref: StreamRef;
  readonly tenant: string;
  readonly labels: Labels;
  /** Days whose stream row is durable. */
  readonly days: Set<number>;
  /** Requests that hold the ref. */
  inFlight: number;
  /** Wall clock of the last line. */
  usedAt: number;
}

/** Where Loki looks for a service's name when none is sent (compat LP-4). */
const SERVICE_SOURCES: readonly string[] = [
  'service',
  'app',
  'application',
  'app_name',
  'name',
  'app_kubernetes_io_name',
  'container',
  'container_name',
  'k8s_container_name',
  'component',
  'workload',
  'job',
  'k8s_job_name',
];

/** The labels with `service_name`, which Loki adds when it is not sent. */
export function withServiceName(labels: Labels): Labels {
  if (labels.has('service_name')) return labels;
  const source = SERVICE_SOURCES.find((name) => labels.get(name) !== '');
  const service = source === undefined ? 'unknown_service' : labels.get(source);
  return LabelSet.fromMap(new Map([...labels.toMap(), ['service_name', service]]));
}

/** What rows have of a stream with these labels, whose hash is given. */
export function rowStream(labels: Labels, { low, high }: Words, names: ServiceNames): RowStream {
  const get = (name: string): string | undefined => labels.get(name) || undefined;
  return { low, high, service: names.of(get) ?? '', level: namedLevel(get) };
}

/** Why a stream more is not taken. */
export function tooManyStreams(tenant: string, limit: number): LineRefusal {
  return {
    reason: 'stream_limit',
    message: `tenant "${tenant}" has its limit of ${limit} active streams`,
  };
}

/** An idle stream is forgotten after this; its rows are in the engine. */
const IDLE_MS = 2 * 3_600_000;

export interface StreamsDeps {
  readonly hasher: LogHasher;
  readonly names: ServiceNames;
  /** Active streams of a tenant. */
  readonly limit: number;
}

/** The active streams of all tenants. */
export class Streams {
  readonly #deps: StreamsDeps;
  readonly #tenants = new Map<string, Map<string, Stream>>();
  readonly #byRef = new Map<StreamRef, Stream>();
  #lastRef = 0;
  #onDay: (stream: Stream, day: number) => void = () => {};

  constructor(deps: StreamsDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#byRef.size;
  }

  get limit(): number {
    return this.#deps.limit;
  }

  /** Told of each stream's row of a day, as it becomes durable. */
  onDay(listener: (stream: Stream, day: number) => void): void {
    this.#onDay = listener;
  }

  /** The stream has a durable row for lines of that day. */
  markDay(stream: Stream, day: number): void {
    stream.days.add(day);
    this.#onDay(stream, day);
  }

  of(ref: StreamRef): Stream | undefined {
    return this.#byRef.get(ref);
  }

  list(tenant: string): Iterable<Stream> {
    return this.#tenants.get(tenant)?.values() ?? [];
  }

  find(tenant: string, low: number, high: number): Stream | undefined {
    return this.#tenants.get(tenant)?.get(keyOf(low, high));
  }

  /** The stream of a label set, made when it is new; null at the tenant's limit. */
  resolve(tenant: string, labels: Labels, now: number): Stream | null {
    const { hasher, names, limit } = this.#deps;
    const { low, high } = hasher.labels(labels);
    let streams = this.#tenants.get(tenant);
    if (streams === undefined) this.#tenants.set(tenant, (streams = new Map<string, Stream>()));
    const key = keyOf(low, high);
    const known = streams.get(key);
    if (known !== undefined) {
      known.usedAt = now;
      return known;
    }
    if (streams.size >= limit) return null;
    const stream: Stream = {
      ref: ++this.#lastRef,
      tenant,
      labels,
      ...rowStream(labels, { low, high }, names),
      days: new Set(),
      inFlight: 0,
      usedAt: now,
    };
    streams.set(key, stream);
    this.#byRef.set(stream.ref, stream);
    return stream;
  }

  /** Forgets what was idle for long; `isPending` says whether lines of it still wait in memory. */
  collect(now: number, isPending: (ref: StreamRef) => boolean): void {
    for (const streams of this.#tenants.values()) {
      for (const [key, stream] of streams) {
        if (stream.inFlight > 0 || now - stream.usedAt < IDLE_MS || isPending(stream.ref)) continue;
        streams.delete(key);
        this.#byRef.delete(stream.ref);
      }
    }
  }
}

function keyOf(low: number, high: number): string {
  return `${low} ${high}`;
}

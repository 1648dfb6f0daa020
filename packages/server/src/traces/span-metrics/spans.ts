import { RowBinaryReader } from '../../engine/index.ts';
import { type Measured, type MeasuredSet, measuredFrom, OVERFLOW, placeOf } from '../measured.ts';
import { ID_OFFSET, SPAN_KIND, STATUS } from '../sink.ts';
import type { SpanChunk } from '../store/chunk.ts';

const STATUSES = 3;
const KINDS = SPAN_KIND.consumer + 1;
const KIND_NAMES = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUS_NAMES = ['UNSET', 'OK', 'ERROR'];

/** The spans of a service with the same name, kind and status. */
interface SpanSeries extends Measured {
  readonly service: string;
  /** Null for the spans beyond the limit of their service, whatever they are. */
  readonly operation: { readonly name: string; readonly kind: number; readonly status: number } | null;
}

interface ServiceSeries {
  readonly names: Map<string, (SpanSeries | undefined)[]>;
  size: number;
  overflow: SpanSeries | null;
}

/**
 * Requests, errors and durations of spans by service, name, kind and status of every tenant, under the names of OpenTelemetry's
 * spanmetrics connector; bounded per service.
 */
export class SpanCounts implements MeasuredSet<SpanSeries> {
  readonly names = {
    calls: 'traces_span_metrics_calls_total',
    failed: null,
    duration: 'traces_span_metrics_duration_seconds',
    what: 'Spans by service, name, kind and status',
  };
  readonly #limit: number;
  readonly #tenants = new Map<string, Map<string, ServiceSeries>>();

  /** @param limit series of a service; further ones count together. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  tenants(): Iterable<string> {
    return this.#tenants.keys();
  }

  count(chunk: SpanChunk, now: number): void {
    const services = this.#servicesOf(chunk.tenant);
    const reader = new RowBinaryReader(chunk.payload);
    for (let row = 0; row < chunk.rows; row++) {
      reader.skip(chunk.offsets[row] - reader.at);
      reader.skipString();
      reader.skip(8 + ID_OFFSET.end + 1 + 8);
      const service = reader.string();
      const name = reader.string();
      const [status = 0, failed = 0] = reader.raw(2);
      const series = this.#seriesOf(services, service, name, {
        kind: chunk.kinds[row],
        status: failed === 1 ? STATUS.error : status,
        now,
      });
      const seconds = chunk.durations[row] / 1e9;
      series.counts[placeOf(seconds)]++;
      series.sum += seconds;
      series.usedAt = now;
      if (series.slowest === null || series.slowest.seconds < seconds)
        series.slowest = { traceId: traceIdOf(chunk, row), seconds };
    }
  }

  labelsOf({ service, operation }: SpanSeries): Readonly<Record<string, string>> {
    if (operation === null) return { service_name: service, ...OVERFLOW };
    return {
      service_name: service,
      span_name: operation.name,
      span_kind: `SPAN_KIND_${KIND_NAMES[operation.kind] ?? 'UNSPECIFIED'}`,
      status_code: `STATUS_CODE_${STATUS_NAMES[operation.status] ?? 'UNSET'}`,
    };
  }

  /** The series of a tenant. */
  *of(tenant: string): Generator<SpanSeries> {
    for (const { names, overflow } of this.#tenants.get(tenant)?.values() ?? []) {
      for (const series of names.values()) for (const one of series) if (one !== undefined) yield one;
      if (overflow !== null) yield overflow;
    }
  }

  forget(tenant: string, { service, operation }: SpanSeries): void {
    const services = this.#tenants.get(tenant);
    const known = services?.get(service);
    if (known === undefined) return;
    if (operation === null) known.overflow = null;
    else {
      const ofName = known.names.get(operation.name);
      if (ofName !== undefined) {
        ofName[operation.kind * STATUSES + operation.status] = undefined;
        if (ofName.every((one) => one === undefined)) known.names.delete(operation.name);
        known.size--;
      }
    }
    if (known.size === 0 && known.overflow === null) services?.delete(service);
    if (services?.size === 0) this.#tenants.delete(tenant);
  }

  #servicesOf(tenant: string): Map<string, ServiceSeries> {
    let services = this.#tenants.get(tenant);
    if (services === undefined) this.#tenants.set(tenant, (services = new Map<string, ServiceSeries>()));
    return services;
  }

  #seriesOf(
    services: Map<string, ServiceSeries>,
    service: string,
    name: string,
    { kind, status, now }: { readonly kind: number; readonly status: number; readonly now: number },
  ): SpanSeries {
    let known = services.get(service);
    if (known === undefined) services.set(service, (known = { names: new Map(), size: 0, overflow: null }));
    let ofName = known.names.get(name);
    const place = kind * STATUSES + status;
    const present = ofName?.[place];
    if (present !== undefined) return present;
    if (known.size >= this.#limit) {
      known.overflow ??= seriesFrom(service, null, now);
      return known.overflow;
    }
    if (ofName === undefined) known.names.set(name, (ofName = Array.from({ length: KINDS * STATUSES })));
    known.size++;
    const made = seriesFrom(service, { name, kind, status }, now);
    ofName[place] = made;
    return made;
  }
}

function seriesFrom(service: string, operation: SpanSeries['operation'], now: number): SpanSeries {
  return { service, operation, ...measuredFrom(now) };
}

function traceIdOf({ ids }: SpanChunk, row: number): string {
  const bytes = Buffer.alloc(ID_OFFSET.span);
  for (let word = 0; word < 4; word++) bytes.writeUInt32LE(ids[row * 6 + word] ?? 0, word * 4);
  return bytes.toString('hex');
}

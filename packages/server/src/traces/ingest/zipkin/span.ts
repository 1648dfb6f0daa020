import type { Attribute } from '../../attributes.ts';
import { type SpanDraft, type SpanRefusal, STATUS } from '../../sink.ts';
import type { IngestSession } from '../session.ts';

/** Of a Zipkin span what OTLP's has in another shape. */
export interface ZipkinSpan {
  problem: SpanRefusal | null;
  /** Of the local endpoint; empty for none. */
  service: string;
  /** Microseconds since the epoch, and of the span. */
  timestamp: bigint;
  duration: bigint;
}

/** Latest time in microseconds that nanoseconds in 64 bits can say: in the year 2286. */
export const MAX_MICROS = 9_999_999_999_999_999n;

const MAX_NANOS = 2n ** 64n - 1n;

/** Hands the session's span over, when its times are set. */
export function takeZipkinSpan(session: IngestSession, read: ZipkinSpan): void {
  setTimes(session.span, read.timestamp, read.duration);
  const resource: Attribute[] =
    read.service === '' ? [] : [{ key: 'service.name', type: 's', value: read.service }];
  const source = session.source({ resource, scopeName: '', scopeVersion: '', scope: [], schemaUrl: '' });
  session.take(source, read.problem);
}

function setTimes(span: SpanDraft, timestamp: bigint, duration: bigint): void {
  const start = timestamp * 1000n;
  const sum = start + duration * 1000n;
  const end = sum > MAX_NANOS ? MAX_NANOS : sum;
  span.startLow = Number(start & 0xffffffffn);
  span.startHigh = Number(start >> 32n);
  span.endLow = Number(end & 0xffffffffn);
  span.endHigh = Number(end >> 32n);
}

/** A tag `error` means that the span failed, whatever its value (ZK-1). */
export function addZipkinTag(span: SpanDraft, key: string, value: string): void {
  if (key === 'error') {
    span.status = STATUS.error;
    if (value !== 'true') span.statusMessage = value;
  }
  span.attributes.add(key, 's', value);
}

/** What is known of the other side. */
export type RemoteFact = 'service' | 'address' | 'port';

export function addRemote(span: SpanDraft, fact: RemoteFact, value: string): void {
  if (value === '') return;
  if (fact === 'service') span.attributes.add('peer.service', 's', value);
  else if (fact === 'address') span.attributes.add('network.peer.address', 's', value);
  else span.attributes.add('network.peer.port', 'i', value);
}

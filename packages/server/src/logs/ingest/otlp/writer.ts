import { Labels } from '@pharos/promql';
import type { OtlpScope } from '../../../kernel/wire/otlp.ts';
import type { OtlpAttributes } from '../../../kernel/wire/otlp-attributes.ts';
import type { LogLevel } from '../../level.ts';
import type { LineRefusal } from '../../sink.ts';
import type { LogTime } from '../../time.ts';
import type { IngestSession, Target } from '../session.ts';

/** Resource attributes that become labels; everything else is structured metadata (compat OT-5). */
const LABEL_ATTRIBUTES: ReadonlySet<string> = new Set([
  'service.name',
  'service.namespace',
  'service.instance.id',
  'deployment.environment',
  'deployment.environment.name',
  'cloud.region',
  'cloud.availability_zone',
  'container.name',
  ...['cluster', 'namespace', 'pod', 'container', 'replicaset', 'deployment', 'statefulset'].map(k8s),
  ...['daemonset', 'cronjob', 'job'].map(k8s),
]);

function k8s(kind: string): string {
  return `k8s.${kind}.name`;
}

/** By SeverityNumber, four to a level (OpenTelemetry log data model, "Field: SeverityNumber"). */
const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
/** Sanitised names that are remembered; names come from outside. */
const MOST_NAMES = 10_000;
/** More structured metadata is refused whatever `logs.max_metadata_entries` says. */
const MOST_ENTRIES = 2000;
const EMPTY = new Uint8Array(0);
const NO_NAMES: ReadonlySet<string> = new Set();

/** What a LogRecord says besides its body and attributes; used again for every record. */
export interface RecordFields {
  /** Zero ms and nanos: unknown. */
  time: LogTime;
  observed: LogTime;
  severity: number;
  severityText: string;
  /** Lower hex; empty for none. */
  traceId: string;
  spanId: string;
  flags: number;
  eventName: string;
}

export const NO_TIME: LogTime = { ms: 0, nanos: 0 };

/** Log records of OTLP as lines of the one session, whatever their encoding. */
export class OtlpLogWriter {
  readonly fields: RecordFields = emptyFields();
  /** Attributes of the record that is being read. */
  readonly attributes: OtlpAttributes = [];
  records = 0;
  readonly #session: IngestSession;
  readonly #now: LogTime;
  readonly #names = new Map<string, string>();
  #target: Target | null = null;
  #resource: string[] = [];
  #shared: string[] = [];

  constructor(session: IngestSession, now: LogTime) {
    this.#session = session;
    this.#now = now;
  }

  /** Records from here on come from this resource. */
  resource(attributes: OtlpAttributes): void {
    const labels = new Map<string, string>();
    this.#resource = [];
    for (let i = 0; i < attributes.length; i += 2) {
      const [key, value] = [attributes[i], attributes[i + 1]];
      if (!LABEL_ATTRIBUTES.has(key)) this.#resource.push(this.#name(key), value);
      else if (value !== '') labels.set(this.#name(key), value);
    }
    if (labels.size === 0) labels.set('service_name', 'unknown_service');
    this.#target = this.#session.target(Labels.fromMap(labels));
    this.#shared = this.#resource;
  }

  /** Records from here on come from this scope. */
  scope({ name, version, attributes }: OtlpScope): void {
    this.#shared = [...this.#resource];
    if (name !== '') this.#shared.push('scope_name', name);
    if (version !== '') this.#shared.push('scope_version', version);
    for (let i = 0; i < attributes.length; i += 2)
      this.#shared.push(this.#name(attributes[i] ?? ''), attributes[i + 1] ?? '');
  }

  /** Before the fields of a record are read. */
  begin(): void {
    Object.assign(this.fields, emptyFields());
    this.attributes.length = 0;
    const { line } = this.#session;
    line.bytes = EMPTY;
    line.start = 0;
    line.end = 0;
  }

  /** The record's message: UTF-8 bytes from `start` to `end`. */
  body(bytes: Uint8Array, start: number, end: number): void {
    const { line } = this.#session;
    line.bytes = bytes;
    line.start = start;
    line.end = end;
  }

  /** After the fields of a record were read. */
  finish(): void {
    const { line } = this.#session;
    const { time, observed } = this.fields;
    line.time = isKnown(time) ? time : isKnown(observed) ? observed : this.#now;
    const refusal = this.#tooMany();
    if (refusal === null) this.#metadata(line.metadata);
    this.records++;
    if (this.#target === null) this.resource([]);
    if (this.#target !== null) this.#session.take(refusal ?? this.#target);
  }

  /** Such a record is refused before its names are compared and copied. */
  #tooMany(): LineRefusal | null {
    const entries = (this.attributes.length + this.#shared.length) / 2;
    if (entries <= MOST_ENTRIES) return null;
    return {
      reason: 'metadata_too_large',
      message: `the record has ${entries} attributes with those of its scope and resource, expected at most ${MOST_ENTRIES}`,
    };
  }

  get tired(): boolean {
    return this.#session.tired;
  }

  rest(): Promise<void> {
    return this.#session.rest();
  }

  /** The record's own attributes win over those of its scope and resource. */
  #metadata(into: string[]): void {
    const { fields, attributes } = this;
    into.length = 0;
    for (let i = 0; i < attributes.length; i += 2)
      into.push(this.#name(attributes[i] ?? ''), attributes[i + 1] ?? '');
    const own = ownNames(into);
    const shared = this.#shared;
    for (let i = 0; i < shared.length; i += 2)
      if (!own.has(shared[i] ?? '')) into.push(shared[i] ?? '', shared[i + 1] ?? '');
    const level = LEVELS[Math.floor((fields.severity - 1) / 4)];
    if (level !== undefined) into.push('detected_level', level, 'severity_number', String(fields.severity));
    if (fields.severityText !== '') into.push('severity_text', fields.severityText);
    if (fields.traceId !== '') into.push('trace_id', fields.traceId);
    if (fields.spanId !== '') into.push('span_id', fields.spanId);
    if (fields.flags !== 0) into.push('flags', String(fields.flags));
    if (fields.eventName !== '') into.push('event_name', fields.eventName);
  }

  /** As LogQL can name it: anything but letters, digits and `_` becomes `_`. */
  #name(key: string): string {
    let name = this.#names.get(key);
    if (name === undefined) {
      name = key.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_');
      if (this.#names.size < MOST_NAMES) this.#names.set(key, name);
    }
    return name;
  }
}

function isKnown({ ms, nanos }: LogTime): boolean {
  return ms > 0 || nanos > 0;
}

function ownNames(pairs: readonly string[]): ReadonlySet<string> {
  if (pairs.length === 0) return NO_NAMES;
  const names = new Set<string>();
  for (let i = 0; i < pairs.length; i += 2) names.add(pairs[i] ?? '');
  return names;
}

function emptyFields(): RecordFields {
  return {
    time: NO_TIME,
    observed: NO_TIME,
    severity: 0,
    severityText: '',
    traceId: '',
    spanId: '',
    flags: 0,
    eventName: '',
  };
}

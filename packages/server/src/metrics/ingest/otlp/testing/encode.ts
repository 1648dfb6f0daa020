import { ProtobufWriter } from '../../../../kernel/wire/protobuf-writer.ts';

/** OTLP JSON as tests write it: enough of it to be written as protobuf too. */
export interface JsonAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface JsonPoint {
  readonly attributes?: readonly JsonAttribute[];
  readonly startTimeUnixNano?: string;
  readonly timeUnixNano?: string;
  readonly asDouble?: number;
  readonly asInt?: string;
  readonly flags?: number;
  readonly count?: string;
  readonly sum?: number;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
  readonly scale?: number;
  readonly zeroCount?: string;
  readonly zeroThreshold?: number;
  readonly positive?: { readonly offset: number; readonly bucketCounts: readonly string[] };
  readonly negative?: { readonly offset: number; readonly bucketCounts: readonly string[] };
  readonly quantileValues?: readonly { readonly quantile: number; readonly value: number }[];
  readonly exemplars?: readonly {
    readonly filteredAttributes?: readonly JsonAttribute[];
    readonly timeUnixNano: string;
    readonly asDouble: number;
    readonly traceId: string;
    readonly spanId: string;
  }[];
}

interface JsonData {
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
  readonly dataPoints: readonly JsonPoint[];
}

export interface JsonMetric {
  readonly name: string;
  readonly description?: string;
  readonly unit?: string;
  readonly gauge?: JsonData;
  readonly sum?: JsonData;
  readonly histogram?: JsonData;
  readonly exponentialHistogram?: JsonData;
  readonly summary?: JsonData;
}

export interface JsonRequest {
  readonly resourceMetrics: readonly {
    readonly resource?: { readonly attributes: readonly JsonAttribute[] };
    readonly scopeMetrics: readonly {
      readonly scope?: {
        readonly name: string;
        readonly version?: string;
        readonly attributes?: readonly JsonAttribute[];
      };
      readonly metrics: readonly JsonMetric[];
      readonly schemaUrl?: string;
    }[];
  }[];
}

/** The same request in protobuf. */
export function otlpProtobuf(request: JsonRequest): Uint8Array {
  const writer = new ProtobufWriter();
  for (const group of request.resourceMetrics)
    writer.message(1, (into) => {
      const { resource } = group;
      if (resource !== undefined) into.message(1, (inner) => attributes(inner, 1, resource.attributes));
      for (const { scope, metrics, schemaUrl = '' } of group.scopeMetrics)
        into.message(2, (inner) => {
          if (scope !== undefined)
            inner.message(1, (own) => {
              own.text(1, scope.name).text(2, scope.version ?? '');
              attributes(own, 3, scope.attributes ?? []);
            });
          for (const metric of metrics) inner.message(2, (own) => writeMetric(own, metric));
          inner.text(3, schemaUrl);
        });
    });
  return Uint8Array.from(writer.bytes);
}

function attributes(into: ProtobufWriter, field: number, list: readonly JsonAttribute[]): void {
  for (const { key, value } of list)
    into.message(field, (pair) => pair.text(1, key).message(2, (any) => writeAny(any, value)));
}

function writeAny(into: ProtobufWriter, value: Readonly<Record<string, unknown>>): void {
  if (typeof value['stringValue'] === 'string') into.text(1, value['stringValue']);
  if (typeof value['boolValue'] === 'boolean') into.varint(2, value['boolValue'] ? 1 : 0);
  if (typeof value['intValue'] === 'string') into.varint(3, Number(value['intValue']));
  if (typeof value['doubleValue'] === 'number') into.double(4, value['doubleValue']);
  if (typeof value['bytesValue'] === 'string') into.range(7, Buffer.from(value['bytesValue'], 'base64'));
}

function nanos(into: ProtobufWriter, field: number, text: string | undefined): void {
  if (text === undefined) return;
  const value = BigInt(text);
  into.words(field, Number(value & 0xffffffffn), Number(value >> 32n));
}

const FIELDS = { gauge: 5, sum: 7, histogram: 9, exponentialHistogram: 10, summary: 11 } as const;

function writeMetric(into: ProtobufWriter, metric: JsonMetric): void {
  into
    .text(1, metric.name)
    .text(2, metric.description ?? '')
    .text(3, metric.unit ?? '');
  for (const kind of ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const) {
    const data = metric[kind];
    if (data === undefined) continue;
    into.message(FIELDS[kind], (own) => {
      for (const point of data.dataPoints) own.message(1, (inner) => writePoint(inner, kind, point));
      if (data.aggregationTemporality !== undefined) own.varint(2, data.aggregationTemporality);
      if (data.isMonotonic !== undefined) own.varint(3, data.isMonotonic ? 1 : 0);
    });
  }
}

function writePoint(into: ProtobufWriter, kind: keyof typeof FIELDS, point: JsonPoint): void {
  const at = {
    gauge: { attributes: 7, exemplars: 5, flags: 8 },
    sum: { attributes: 7, exemplars: 5, flags: 8 },
    histogram: { attributes: 9, exemplars: 8, flags: 10 },
    exponentialHistogram: { attributes: 1, exemplars: 11, flags: 10 },
    summary: { attributes: 7, exemplars: 0, flags: 8 },
  }[kind];
  attributes(into, at.attributes, point.attributes ?? []);
  nanos(into, 2, point.startTimeUnixNano);
  nanos(into, 3, point.timeUnixNano);
  if (point.flags !== undefined) into.varint(at.flags, point.flags);
  if (point.asInt !== undefined) nanos(into, 6, String(BigInt.asUintN(64, BigInt(point.asInt))));
  if (point.asDouble !== undefined) into.double(4, point.asDouble);
  if (point.count !== undefined) nanos(into, 4, point.count);
  if (point.sum !== undefined) into.double(5, point.sum);
  if (kind === 'histogram') {
    into.message(6, (packed) => {
      for (const count of point.bucketCounts ?? []) packed.rawFixed64(Number(count));
    });
    into.message(7, (packed) => {
      for (const bound of point.explicitBounds ?? []) packed.rawDouble(bound);
    });
  }
  if (kind === 'exponentialHistogram') writeExponential(into, point);
  for (const { quantile, value } of point.quantileValues ?? [])
    into.message(6, (inner) => inner.double(1, quantile).double(2, value));
  for (const exemplar of point.exemplars ?? [])
    into.message(at.exemplars, (inner) => {
      attributes(inner, 7, exemplar.filteredAttributes ?? []);
      nanos(inner, 2, exemplar.timeUnixNano);
      inner.double(3, exemplar.asDouble);
      inner.range(4, Buffer.from(exemplar.spanId, 'hex')).range(5, Buffer.from(exemplar.traceId, 'hex'));
    });
}

function writeExponential(into: ProtobufWriter, point: JsonPoint): void {
  into.zigzag(6, point.scale ?? 0);
  nanos(into, 7, point.zeroCount ?? '0');
  for (const [field, side] of [
    [8, point.positive],
    [9, point.negative],
  ] as const) {
    if (side === undefined) continue;
    into.message(field, (inner) => {
      inner.zigzag(1, side.offset).message(2, (packed) => {
        for (const count of side.bucketCounts) packed.rawVarint(Number(count));
      });
    });
  }
  if (point.zeroThreshold !== undefined) into.double(14, point.zeroThreshold);
}

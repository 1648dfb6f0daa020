import { ProtobufWriter } from '../protobuf-writer.ts';
import type { Body } from './line-bodies.ts';
import type { Pod } from './shop.ts';
import { type BenchSpan, type TracePlan, traceAt } from './traces.ts';

/** Traces of one request: about 2,000 spans, as a collector puts them together. */
const TRACES_PER_BODY = 180;

const ERROR = 2;

/** OTLP requests (protobuf) of traces `from` to `to`, grouped by pod and instrumentation scope as a collector sends them. */
export function* spanBodies(plan: TracePlan, from: number, to: number): Generator<Body> {
  const body = new ProtobufWriter();
  for (let first = from; first < to; first += TRACES_PER_BODY) {
    const pods = new Map<Pod, Map<string, Encoded[]>>();
    let rows = 0;
    for (let index = first; index < Math.min(to, first + TRACES_PER_BODY); index++) {
      const { traceId, spans } = traceAt(plan, index);
      for (const span of spans) add(pods, { traceId, span });
      rows += spans.length;
    }
    body.clear();
    for (const [pod, scopes] of pods) body.field(1, resourceSpans(pod, scopes));
    yield { bytes: body.view().slice(), rows, rawBytes: body.length };
  }
}

interface Encoded {
  readonly traceId: string;
  readonly span: BenchSpan;
}

function add(pods: Map<Pod, Map<string, Encoded[]>>, one: Encoded): void {
  const { pod, step } = one.span;
  let scopes = pods.get(pod);
  if (scopes === undefined) pods.set(pod, (scopes = new Map()));
  const spans = scopes.get(step.scope);
  if (spans === undefined) scopes.set(step.scope, [one]);
  else spans.push(one);
}

const resource = new ProtobufWriter();
const scopeSpans = new ProtobufWriter();
const scope = new ProtobufWriter();
const span = new ProtobufWriter();
const event = new ProtobufWriter();
const pair = new ProtobufWriter();
const value = new ProtobufWriter();

function attribute(to: ProtobufWriter, field: number, key: string, of: string | number): void {
  value.clear();
  if (typeof of === 'number') value.number(3, of);
  else value.text(1, of);
  pair.clear();
  pair.text(1, key);
  pair.field(2, value.view());
  to.field(field, pair.view());
}

const resources = new Map<Pod, Uint8Array>();

function resourceOf(pod: Pod): Uint8Array {
  const known = resources.get(pod);
  if (known !== undefined) return known;
  resource.clear();
  const attributes = {
    'service.name': pod.service.name,
    'service.namespace': 'shop',
    'service.version': '2.14.3',
    'service.instance.id': pod.name,
    'deployment.environment.name': 'production',
    'k8s.cluster.name': 'production-eu',
    'k8s.namespace.name': 'shop',
    'k8s.node.name': pod.node,
    'k8s.pod.name': pod.name,
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.version': '2.1.0',
    'process.runtime.version': '20.19.5',
  };
  for (const [key, of] of Object.entries(attributes)) attribute(resource, 1, key, of);
  const bytes = resource.view().slice();
  resources.set(pod, bytes);
  return bytes;
}

const outer = new ProtobufWriter();

function resourceSpans(pod: Pod, scopes: ReadonlyMap<string, readonly Encoded[]>): Uint8Array {
  outer.clear();
  outer.field(1, resourceOf(pod));
  for (const [name, spans] of scopes) {
    scopeSpans.clear();
    scope.clear();
    scope.text(1, name);
    scope.text(2, '0.203.0');
    scopeSpans.field(1, scope.view());
    for (const one of spans) scopeSpans.field(2, spanBytes(one));
    outer.field(2, scopeSpans.view());
  }
  return outer.view();
}

function spanBytes({ traceId, span: of }: Encoded): Uint8Array {
  span.clear();
  span.field(1, Buffer.from(traceId, 'hex'));
  span.field(2, Buffer.from(of.spanId, 'hex'));
  if (of.parentId !== '') span.field(4, Buffer.from(of.parentId, 'hex'));
  span.text(5, of.step.name);
  span.number(6, of.step.kind);
  span.fixed64(7, of.start);
  span.fixed64(8, of.end);
  for (const [key, text] of of.attributes) attribute(span, 9, key, text);
  if (of.failed) {
    event.clear();
    event.fixed64(1, of.end);
    event.text(2, 'exception');
    attribute(event, 3, 'exception.type', 'Error');
    attribute(event, 3, 'exception.message', 'connect ECONNREFUSED');
    attribute(
      event,
      3,
      'exception.stacktrace',
      'Error: connect ECONNREFUSED\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1607:16)\n    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
    );
    span.field(11, event.view());
    span.field(15, ERROR_STATUS);
  }
  return span.view();
}

const ERROR_STATUS = Uint8Array.of((3 << 3) | 0, ERROR);

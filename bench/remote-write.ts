import { type Dataset, history } from './data.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { snappy } from './snappy.ts';

/** Series of one request, as Prometheus sends them by default today. */
const SERIES_PER_BODY = 2_000;

const encoder = new TextEncoder();

interface Prepared {
  readonly labels: Uint8Array;
  readonly valueAt: (step: number) => number;
}

const prepared = new Map<number, Prepared[]>();

/** Each series' labels, encoded once: the generator shall not be what is measured. */
function prepare(targets: number): Prepared[] {
  const known = prepared.get(targets);
  if (known !== undefined) return known;
  const dataset: Dataset = { name: '', targets, steps: 0 };
  const [pair, set] = [new ProtobufWriter(), new ProtobufWriter()];
  const all = history(dataset).map(({ labels, series }) => {
    set.clear();
    for (const [name, value] of [['__name__', series.name] as const, ...labels]) {
      pair.clear();
      pair.field(1, encoder.encode(name));
      pair.field(2, encoder.encode(value));
      set.field(1, pair.view());
    }
    return { labels: set.view().slice(), valueAt: series.valueAt };
  });
  prepared.set(targets, all);
  return all;
}

/** Remote-write 1.0 requests with one sample at `time` (ms) of every series, snappy-compressed. */
export function* writeBodies(targets: number, step: number, time: number): Generator<Uint8Array> {
  const [body, series, sample] = [new ProtobufWriter(), new ProtobufWriter(), new ProtobufWriter()];
  let count = 0;
  for (const { labels, valueAt } of prepare(targets)) {
    sample.clear();
    sample.double(1, valueAt(step));
    sample.number(2, time);
    series.clear();
    series.raw(labels);
    series.field(2, sample.view());
    body.field(1, series.view());
    if (++count % SERIES_PER_BODY !== 0) continue;
    yield snappy(body.view());
    body.clear();
  }
  if (body.length > 0) yield snappy(body.view());
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../packages/server/src/kernel/random.ts';
import {
  compressed,
  type TestHistogram,
  type TestSeries,
  writeRequestV1,
} from '../../packages/server/src/metrics/ingest/remote-write/testing/requests.ts';
import { type Answer, answerShape, differenceOf } from '../acceptance/differential/compare.ts';
import { HOURS, makeData } from '../acceptance/differential/data.ts';
import { ExpressionGenerator } from '../acceptance/differential/generate.ts';
import { makeHistograms } from '../acceptance/differential/native-histograms.ts';
import { freePort, peerBinary, type RunningPeer, startPeer } from '../support/peers.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

/*
 * SOAK_QUERIES generated expressions (default 5,000), each as an instant and a range query, over the same remote-written data
 * in Pharos and Prometheus: counters with resets, gaps, stale series, classic and native histograms. Differences that
 * are Prometheus 2.42's own are left out by the generator, which lists them. The first half of the data is in
 * Pharos' engine alone, the rest in its head. SOAK_SEED repeats a run.
 */
const QUERIES = Number(process.env['SOAK_QUERIES'] ?? 5_000);
const SEED = Number(process.env['SOAK_SEED'] ?? Date.now() % 1_000_000);
const START = Math.floor((Date.now() - 2.4 * 3_600_000) / 600_000) * 600_000;
const SPAN_MS = HOURS * 3_600_000;
const SLICE_MS = 300_000;
const CONFIG =
  'self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nlog: {level: warn}\nmetrics: {head_window: 1h, head_memory: 1MB}\nstorage: {flush_interval: 1s}\n';

const prometheus = await peerBinary('prometheus');
if (prometheus.path === null) console.log(`skipped: fuzzing against Prometheus: ${prometheus.reason}`);

interface Sample {
  readonly timestamp: number;
  readonly value: number | 'stale';
}

/** Some series end with a staleness marker and come back later, some for good. */
function withStaleness<S extends { readonly timestamp: number }>(
  random: Random,
  samples: readonly S[],
  marker: (timestamp: number) => S,
): S[] {
  const kept: S[] = [];
  let silent = 0;
  for (const sample of samples) {
    if (silent > 0) silent--;
    else if (random() < 0.004) {
      kept.push(marker(sample.timestamp));
      silent = random() < 0.1 ? Number.POSITIVE_INFINITY : Math.floor(random() * 60);
    } else kept.push(sample);
  }
  return kept;
}

/** The data in order of time, as senders send it: remote-write bodies of five minutes each. */
function bodies(random: Random): Buffer[] {
  const all = makeData(random, START).map(({ labels, timestamps, values }) => {
    const samples = timestamps.map((timestamp, i) => ({ timestamp, value: values[i] ?? 0 }));
    const stale = (timestamp: number): Sample => ({ timestamp, value: 'stale' });
    return {
      labels: labels.toRecord(),
      samples: random() < 0.5 ? withStaleness<Sample>(random, samples, stale) : samples,
      histograms: [],
    };
  });
  const native = makeHistograms(random, START).map(({ labels, histograms }) => ({
    labels,
    samples: [],
    histograms:
      random() < 0.5
        ? withStaleness<TestHistogram>(random, histograms, (timestamp) => ({ timestamp, sum: 'stale' }))
        : histograms,
  }));
  const slices: Buffer[] = [];
  for (let from = START; from < START + SPAN_MS; from += SLICE_MS) {
    const inside = ({ timestamp }: { timestamp: number }): boolean =>
      timestamp >= from && timestamp < from + SLICE_MS;
    const series: TestSeries[] = [...all, ...native]
      .map(({ labels, samples, histograms }) => ({
        labels,
        samples: samples.filter(inside),
        histograms: histograms.filter(inside),
      }))
      .filter(({ samples, histograms }) => samples.length + histograms.length > 0);
    slices.push(compressed(writeRequestV1(series)));
  }
  return slices;
}

describe.skipIf(prometheus.path === null)('generated queries', () => {
  const random = seededRandom(SEED);
  let directory: string;
  let peer: RunningPeer;
  let peerUrl: string;
  let pharos: RunningPharos | undefined;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'pharos-fuzz-'));
    const config = join(directory, 'prometheus.yml');
    await writeFile(config, 'global: {}\n');
    peerUrl = `http://127.0.0.1:${await freePort()}`;
    const flags = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=${peerUrl.slice('http://'.length)}`,
      '--web.enable-remote-write-receiver',
      '--enable-feature=native-histograms',
      '--log.level=error',
    ];
    peer = await startPeer(prometheus.path ?? '', flags, `${peerUrl}/-/ready`);
    pharos = await startPharosProcess({ config: CONFIG });
    const headers = { 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf' };
    for (const body of bodies(random)) {
      for (const url of [peerUrl, pharos.url]) {
        const answer = await fetch(`${url}/api/v1/write`, {
          method: 'POST',
          headers,
          body: new Uint8Array(body),
        });
        expect(answer.status, await answer.text()).toBe(204);
      }
    }
    // After a restart the head begins an hour before the newest sample.
    await pharos.stop();
    pharos = await startPharosProcess({ config: CONFIG, directory: pharos.directory });
  });

  afterAll(async () => {
    await peer?.stop();
    if (pharos !== undefined) {
      await pharos.stop();
      await removeData(pharos);
    }
    await rm(directory, { recursive: true, force: true });
  });

  async function ask(path: string): Promise<{ ours: Answer; theirs: Answer }> {
    const of = async (url: string): Promise<Answer> =>
      answerShape.parse(await (await fetch(`${url}${path}`)).json());
    const [ours, theirs] = await Promise.all([of(pharos?.url ?? ''), of(peerUrl)]);
    return { ours, theirs };
  }

  it(`answer as Prometheus does: ${QUERIES} of seed ${SEED}`, async () => {
    const generator = new ExpressionGenerator(random, START / 1000);
    const differences: string[] = [];
    let answered = 0;
    for (let i = 0; i < QUERIES; i++) {
      const { query, subquery } = generator.next();
      const at = (share: number): number => {
        const seconds = START / 1000 + Math.floor(share * (SPAN_MS / 1000));
        return subquery ? Math.floor(seconds / 60) * 60 + 7 : seconds;
      };
      const from = random() * 0.8;
      const step = subquery ? 60 * (1 + Math.floor(random() * 4)) : [15, 37, 300][Math.floor(random() * 3)];
      const q = encodeURIComponent(query);
      const paths = [
        `/api/v1/query?query=${q}&time=${at(0.05 + random() * 0.9)}`,
        `/api/v1/query_range?query=${q}&start=${at(from)}&end=${at(from + 0.2)}&step=${step}`,
      ];
      for (const path of paths) {
        const { ours, theirs } = await ask(path);
        if (theirs.status === 'success' && (theirs.data?.result.length ?? 0) > 0) answered++;
        const difference = differenceOf(ours, theirs, false);
        if (difference !== null) differences.push(`${decodeURIComponent(path)}: ${difference}`);
      }
    }
    console.log(
      `promql fuzz: ${QUERIES} queries of seed ${SEED}, ${answered} of ${QUERIES * 2} answers not empty, ${differences.length} differences`,
    );
    expect(differences.slice(0, 20)).toEqual([]);
    // A generator that mostly asks for nothing would prove nothing.
    expect(answered).toBeGreaterThan(QUERIES);
  });
});

import { Resolver } from 'node:dns/promises';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { ManualClock } from '../../kernel/clock.ts';
import { createLog, type Log, silentLog } from '../../kernel/log.ts';
import { seededRandom } from '../../kernel/random.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';
import { type FakeAnswer, FakeFetcher } from '../testing/fake_fetcher.ts';
import { MemorySink } from '../testing/memory_sink.ts';
import { globalSchema, scrapeConfigsSchema } from './config.ts';
import { scrapeErrors } from './errors.ts';
import type { FetchRequest } from './fetcher.ts';
import { type ScrapeConfiguration, ScrapeManager } from './manager.ts';

type Answer = FakeAnswer | 'hang' | Error;

function configuration(jobs: unknown, global: unknown = { scrape_interval: '10s' }): ScrapeConfiguration {
  return { global: globalSchema.parse(global), scrapeConfigs: scrapeConfigsSchema.parse(jobs) };
}

function job(extra: object = {}, targets: string[] = ['a:1']): object {
  return { job_name: 'j', static_configs: [{ targets }], ...extra };
}

function setup(config: ScrapeConfiguration, answer: (request: FetchRequest) => Answer, log: Log = silentLog) {
  const clock = new ManualClock();
  const sink = new MemorySink();
  const fetcher = new FakeFetcher(answer);
  const telemetry = createTelemetry();
  const files = new Map<string, string>();
  const manager = new ScrapeManager(config, {
    clock,
    random: seededRandom(1),
    log,
    sink,
    metadata: sink,
    tenant: 'default',
    fetchers: () => fetcher,
    targetSeriesLimit: 1000,
    resolver: new Resolver(),
    env: {},
    readText: (path) => {
      const text = files.get(path);
      return text === undefined ? Promise.reject(new Error('no such file')) : Promise.resolve(text);
    },
    breathe: () => Promise.resolve(),
    telemetry,
  });
  const run = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 100) {
      await clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { clock, sink, fetcher, manager, telemetry, files, run };
}

/** `up` and metric samples of a run, times replaced by the number of the slot. */
function bySlot(sink: MemorySink, metric: string): string[] {
  const times = [...new Set(sink.samples.map((sample) => sample.timestamp))].sort((a, b) => a - b);
  return sink.of(metric).map((text) => {
    const [value = '', time = ''] = text.split('@');
    return `${value}@${times.indexOf(Number(time))}`;
  });
}

function delimited(write: (family: ProtobufWriter) => void): Uint8Array {
  const family = new ProtobufWriter();
  write(family);
  return Buffer.concat([new ProtobufWriter().rawVarint(family.bytes.length).bytes, family.bytes]);
}

describe('ScrapeManager', () => {
  it('stores what targets expose, with their labels and the report samples', async () => {
    const { manager, sink, run, fetcher } = setup(configuration([job()]), () => ({
      body: '# TYPE m counter\n# HELP m Help.\nm{instance="x",q="1"} 5\nn 2 123000\n',
    }));
    manager.start();
    await run(10_000);
    const lines = sink.samples.map((sample) => `${sample.labels.toString()} ${sample.value}`);
    expect(lines).toEqual([
      'm{exported_instance="x", instance="a:1", job="j", q="1"} 5',
      'n{instance="a:1", job="j"} 2',
      'up{instance="a:1", job="j"} 1',
      'scrape_duration_seconds{instance="a:1", job="j"} 0',
      'scrape_samples_scraped{instance="a:1", job="j"} 2',
      'scrape_samples_post_metric_relabeling{instance="a:1", job="j"} 2',
      'scrape_series_added{instance="a:1", job="j"} 2',
    ]);
    expect(sink.samples[1]?.timestamp).toBe(123_000);
    expect(sink.metadata.get('default/m')).toEqual({ type: 'counter', help: 'Help.', unit: '' });
    expect(fetcher.requests[0]?.url).toBe('http://a:1/metrics');
    expect(fetcher.requests[0]?.headers['accept']).toContain('application/openmetrics-text;version=1.0.0');
    expect(fetcher.requests[0]?.headers).toMatchObject({
      'x-prometheus-scrape-timeout-seconds': '10',
    });
    await manager.stop();
  });

  it('keeps exact intervals, and stays at its own offset after a restart', async () => {
    const first = setup(configuration([job()]), () => ({ body: 'm 1\n' }));
    first.manager.start();
    await first.run(60_000);
    const times = first.sink.samples.filter((s) => s.labels.metricName === 'up').map((s) => s.timestamp);
    expect(times).toHaveLength(6);
    expect(new Set(times.map((time) => time % 10_000)).size).toBe(1);
    const again = setup(configuration([job()]), () => ({ body: 'm 1\n' }));
    await again.run(3_700);
    again.manager.start();
    await again.run(20_000);
    const [restarted] = again.sink.samples;
    expect((restarted?.timestamp ?? 1) % 10_000).toBe((times[0] ?? 0) % 10_000);
    await Promise.all([first.manager.stop(), again.manager.stop()]);
  });

  it('logs that a target cannot be reached once it had the time to start, or had answered before', async () => {
    const lines: string[] = [];
    const log = createLog('info', { write: (line) => lines.push(line) });
    const failures = (): string[] => lines.filter((line) => line.includes('scrape failed'));
    let answer: Answer = scrapeErrors.make('connect', 'cannot reach a:1');
    const { manager, run, sink } = setup(configuration([job()]), () => answer, log);
    manager.start();
    await run(29_000);
    expect(bySlot(sink, 'up')).toEqual(['0@0', '0@1', '0@2']);
    expect(failures()).toEqual([]);
    await run(41_000);
    expect(failures()).toHaveLength(1);
    expect(failures()[0]).toContain('cannot reach a:1');
    answer = { body: 'm 1\n' };
    await run(10_000);
    answer = scrapeErrors.make('connect', 'cannot reach a:1');
    await run(20_000);
    expect(failures()).toHaveLength(2);
    await manager.stop();
  });

  it('logs at once what an answer is wrong with, and that a target which came up soon is gone again', async () => {
    const lines: string[] = [];
    const log = createLog('info', { write: (line) => lines.push(line) });
    const answers: Answer[] = [
      { status: 503 },
      { body: 'm 1\n' },
      scrapeErrors.make('connect', 'cannot reach'),
    ];
    const { manager, run } = setup(configuration([job()]), () => answers.shift() ?? { body: 'm 1\n' }, log);
    manager.start();
    await run(10_000);
    expect(lines.filter((line) => line.includes('HTTP status 503'))).toHaveLength(1);
    await run(20_000);
    expect(lines.filter((line) => line.includes('cannot reach'))).toHaveLength(1);
    await manager.stop();
  });

  it('marks vanished series stale once, and failed scrapes as down', async () => {
    const answers: Answer[] = [
      { body: 'a 1\nb 1\n' },
      { body: 'a 2\n' },
      { body: 'a 3\n' },
      { status: 503 },
      { status: 503 },
      { body: 'a 6\n' },
      { body: 'a 7\nbroken line\n' },
    ];
    const { manager, sink, run } = setup(configuration([job()]), () => answers.shift() ?? { body: '' });
    manager.start();
    await run(80_000);
    expect(bySlot(sink, 'a')).toEqual(['1@0', '2@1', '3@2', 'stale@3', '6@5', 'stale@6']);
    expect(bySlot(sink, 'b')).toEqual(['1@0', 'stale@1']);
    expect(bySlot(sink, 'up')).toEqual(['1@0', '1@1', '1@2', '0@3', '0@4', '1@5', '0@6', '1@7']);
    expect(bySlot(sink, 'scrape_samples_scraped').at(6)).toBe('1@6');
    expect(bySlot(sink, 'scrape_series_added')).toEqual([
      '2@0',
      '0@1',
      '0@2',
      '0@3',
      '0@4',
      '0@5',
      '0@6',
      '0@7',
    ]);
    await manager.stop();
  });

  it('names the line of a malformed body', async () => {
    const { manager, run, telemetry } = setup(configuration([job()]), () => ({ body: 'a 1\nb{ 2\n' }));
    manager.start();
    await run(10_000);
    expect(manager.activeTargets()[0]).toMatchObject({
      health: 'down',
      lastError: 'line 2: expected a label name: "b{ 2"',
      scrapeInterval: '10s',
      scrapeTimeout: '10s',
      scrapePool: 'j',
    });
    expect(await telemetry.expose()).toContain('pharos_scrape_parse_errors_total{reason="labels"} 1');
    await manager.stop();
  });

  it('lets a hanging target fail by its timeout without delaying another', async () => {
    const { manager, sink, run } = setup(
      configuration([job({ scrape_timeout: '3s' }, ['hangs:1', 'works:1'])]),
      (request) => (request.url.includes('hangs') ? 'hang' : { body: 'm 1\n' }),
    );
    manager.start();
    await run(45_000);
    const ups = (instance: string): number[] =>
      sink.samples
        .filter((s) => s.labels.metricName === 'up' && s.labels.get('instance') === instance)
        .map((s) => s.value);
    expect(ups('works:1')).toEqual([1, 1, 1, 1]);
    expect(ups('hangs:1')).toEqual([0, 0, 0, 0]);
    expect(manager.activeTargets().find((t) => t.scrapeUrl.includes('hangs'))?.lastError).toBe(
      'no complete answer within 3 s',
    );
    await manager.stop();
  });

  it('goes on when the wall clock jumps back or ahead', async () => {
    const { manager, sink, run, clock } = setup(configuration([job()]), () => ({ body: 'm 1\n' }));
    manager.start();
    await run(20_000);
    clock.jump(-3_600_000);
    await run(20_000);
    clock.jump(7_200_000);
    await run(20_000);
    const times = sink.samples.filter((s) => s.labels.metricName === 'm').map((s) => s.timestamp);
    expect(times.slice(1).map((time, i) => time - (times[i] ?? 0))).toEqual([
      10_000, -3_590_000, 10_000, 7_210_000, 10_000,
    ]);
    await manager.stop();
  });

  it('ends a removed target with stale markers after two intervals, and not one that comes back', async () => {
    const two = configuration([job({}, ['a:1', 'b:1'])]);
    const one = configuration([job({}, ['a:1'])]);
    const { manager, sink, run } = setup(two, () => ({ body: 'm 1\n' }));
    const stale = (): string[] =>
      sink.samples.filter((s) => s.stale).map((s) => `${s.labels.metricName} ${s.labels.get('instance')}`);
    manager.start();
    await run(10_000);
    manager.applyConfig(one);
    await run(5_000);
    manager.applyConfig(two);
    await run(40_000);
    expect(stale()).toEqual([]);
    manager.applyConfig(one);
    await run(40_000);
    expect(stale().sort()).toEqual([
      'm b:1',
      'scrape_duration_seconds b:1',
      'scrape_samples_post_metric_relabeling b:1',
      'scrape_samples_scraped b:1',
      'scrape_series_added b:1',
      'up b:1',
    ]);
    await manager.stop();
  });

  it('ends the targets of a removed job, and not when the job comes back', async () => {
    const both = configuration([job(), { job_name: 'other', static_configs: [{ targets: ['o:1'] }] }]);
    const { manager, sink, run } = setup(both, () => ({ body: 'm 1\n' }));
    const stale = (): number => sink.samples.filter((s) => s.stale).length;
    manager.start();
    await run(10_000);
    manager.applyConfig(configuration([job()]));
    await run(5_000);
    manager.applyConfig(both);
    await run(40_000);
    expect(stale()).toBe(0);
    manager.applyConfig(configuration([job()]));
    expect(manager.scrapePools()).toEqual(['j']);
    await run(40_000);
    expect(stale()).toBe(6);
    manager.applyConfig(both);
    const before = sink.of('m').length;
    await run(10_000);
    expect(sink.of('m')).toHaveLength(before + 2);
    await manager.stop();
  });

  it('keeps untouched loops on reload, and marks what a changed job no longer yields', async () => {
    const other = { job_name: 'other', static_configs: [{ targets: ['o:1'] }] };
    const before = configuration([job(), other]);
    const dropping = [{ source_labels: ['__name__'], regex: 'n', action: 'drop' }];
    const after = configuration([job({ metric_relabel_configs: dropping }), other]);
    const { manager, sink, run } = setup(before, () => ({ body: 'm 1\nn 1\n' }));
    manager.start();
    await run(20_000);
    const resolved = sink.resolved;
    manager.applyConfig(configuration([job(), other]));
    manager.applyConfig(after);
    await run(20_000);
    expect(sink.samples.filter((s) => s.stale).map((s) => s.labels.toString())).toEqual([
      'n{instance="a:1", job="j"}',
    ]);
    expect(sink.resolved).toBe(resolved);
    await manager.stop();
  });

  it('writes no stale markers when the process stops', async () => {
    const { manager, sink, run, fetcher } = setup(configuration([job()]), () => ({ body: 'm 1\n' }));
    manager.start();
    await run(10_000);
    await manager.stop();
    await run(60_000);
    expect(sink.samples.some((sample) => sample.stale)).toBe(false);
    expect(fetcher.closed).toBe(true);
  });

  it('resolves again when the store forgot a series, and survives a failing store', async () => {
    const { manager, sink, run, telemetry } = setup(configuration([job()]), () => ({ body: 'm 1\n' }));
    manager.start();
    await run(10_000);
    sink.evictAll();
    await run(10_000);
    expect(sink.of('m')).toHaveLength(2);
    sink.failWith = new Error('journal full');
    await run(10_000);
    sink.failWith = null;
    await run(10_000);
    expect(sink.of('m')).toHaveLength(3);
    expect(await telemetry.expose()).toContain('pharos_scrape_commit_failures_total 1');
    await manager.stop();
  });

  it.each<[string, object, Answer, string]>([
    ['no content type', {}, { headers: {}, body: 'm 1\n' }, 'sent no Content-Type'],
    [
      'wrong content type',
      {},
      { headers: { 'content-type': 'text/html' }, body: 'm 1\n' },
      'unsupported Content-Type',
    ],
    [
      'OpenMetrics without its end',
      {},
      { headers: { 'content-type': 'application/openmetrics-text' }, body: 'm 1\n' },
      'does not end with # EOF',
    ],
    ['too big a body', { body_size_limit: '10B' }, { body: 'm 1\n'.repeat(10) }, 'exceeds 10 bytes'],
    [
      'too many samples',
      { sample_limit: 2 },
      { body: 'a 1\nb 1\nc 1\nd 1\n' },
      'sample limit exceeded: 4 samples',
    ],
    ['too many labels', { label_limit: 3 }, { body: 'a{b="c"} 1\n' }, 'label_limit exceeded'],
    [
      'too long a label value',
      { label_value_length_limit: 9 },
      { body: 'a{b="0123456789"} 1\n' },
      'label_value_length_limit exceeded',
    ],
    ['a repeated label', {}, { body: 'a{b="c",b="d"} 1\n' }, '"b" is not unique'],
    ['a label that is not UTF-8', {}, { body: Buffer.from('a{b="\xff"} 1\n', 'latin1') }, 'not valid UTF-8'],
    [
      'an unknown encoding',
      {},
      { headers: { 'content-type': 'text/plain', 'content-encoding': 'br' }, body: 'm 1\n' },
      '"br"',
    ],
    [
      'a broken gzip stream',
      {},
      { headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip' }, body: 'm 1\n' },
      'broken gzip',
    ],
    [
      'a missing credential file',
      { bearer_token_file: '/nowhere' },
      { body: 'm 1\n' },
      'cannot read the credential file',
    ],
    [
      'too many targets',
      { target_limit: 1, static_configs: [{ targets: ['a:1', 'b:1'] }] },
      { body: 'm 1\n' },
      'target_limit exceeded',
    ],
    ['a dead target', {}, new Error('ECONNREFUSED'), 'ECONNREFUSED'],
  ])('is down with %s', async (_, extra, answer, message) => {
    const { manager, sink, run } = setup(configuration([job(extra)]), () => answer);
    manager.start();
    await run(10_000);
    await vi.waitFor(() => expect(manager.activeTargets()[0]?.lastError).toContain(message), {
      timeout: 30_000,
    });
    expect(sink.samples.filter((s) => s.labels.metricName === 'up').every((s) => s.value === 0)).toBe(true);
    await manager.stop();
  });

  it('takes a fallback protocol, honours labels, drops by relabelling, ignores timestamps when told', async () => {
    const extra = {
      fallback_scrape_protocol: 'PrometheusText0.0.4',
      honor_labels: true,
      honor_timestamps: false,
      metric_relabel_configs: [{ source_labels: ['__name__'], regex: 'drop.*', action: 'drop' }],
      relabel_configs: [{ target_label: 'zone', replacement: 'z' }],
      params: { q: ['1', '2'] },
    };
    const { manager, sink, run, fetcher } = setup(configuration([job(extra)]), () => ({
      headers: {},
      body: 'm{job="mine",instance=""} 1 5\ndropped 1\n',
    }));
    manager.start();
    await run(10_000);
    const [sample] = sink.samples;
    expect(sample?.labels.toString()).toBe('m{job="mine", zone="z"}');
    expect(sample?.timestamp).not.toBe(5);
    expect(fetcher.requests[0]?.url).toBe('http://a:1/metrics?q=1&q=2');
    expect(bySlot(sink, 'scrape_samples_scraped')).toEqual(['2@0']);
    expect(bySlot(sink, 'scrape_samples_post_metric_relabeling')).toEqual(['1@0']);
    await manager.stop();
  });

  it('asks for protobuf where native histograms are wanted, stores them, ends them, and names what is wrong with them', async () => {
    const histogram = (count: number): Uint8Array =>
      delimited((family) => {
        family.text(1, 'wait').varint(3, 4);
        family.message(4, (metric) => {
          metric.message(1, (label) => void label.text(1, 'le').text(2, '1'));
          metric.message(7, (value) => {
            value.varint(1, count).double(2, 5.5).zigzag(5, 0).double(6, 0.001);
            value.message(12, (span) => void span.zigzag(1, 0).varint(2, 1));
            value.message(13, (packed) => void packed.rawZigzag(2));
          });
        });
      });
    const headers = {
      'content-type':
        'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
    };
    const bodies = [histogram(2), new Uint8Array(), histogram(2), histogram(3)];
    const { manager, sink, run, fetcher } = setup(
      configuration([job({ scrape_native_histograms: true })]),
      () => ({ headers, body: bodies.shift() ?? new Uint8Array() }),
    );
    manager.start();
    await run(40_000);
    expect(fetcher.requests[0]?.headers['accept']).toMatch(/^application\/vnd\.google\.protobuf;.*;q=0\.6,/);
    const waits = sink.samples.filter(({ labels }) => labels.metricName === 'wait');
    expect(waits.map(({ stale, histogram }) => (stale ? 'stale' : histogram?.positiveBuckets[0]))).toEqual([
      2,
      'stale',
      2,
      'stale',
    ]);
    expect(waits[0]?.labels.toString()).toBe('wait{instance="a:1", job="j", le="1.0"}');
    expect(sink.metadata.get('default/wait')?.type).toBe('histogram');
    expect(manager.activeTargets()[0]?.lastError).toBe(
      'histogram wait: the buckets hold 2 observations, the count says 3',
    );
    await manager.stop();
  });

  it('writes le and quantile in one spelling', async () => {
    const { manager, sink, run } = setup(configuration([job()]), () => ({
      body: '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1\n# TYPE s summary\ns{quantile="0.50"} 1\n# TYPE g gauge\ng{le="1"} 1\n',
    }));
    manager.start();
    await run(10_000);
    const values = sink.samples.slice(0, 4).map((s) => s.labels.get('le') || s.labels.get('quantile'));
    expect(values).toEqual(['1.0', '+Inf', '0.5', '1']);
    await manager.stop();
  });

  it('counts a series twice in one body once', async () => {
    const { manager, sink, run } = setup(configuration([job()]), () => ({ body: 'm 1\nm 2\n' }));
    manager.start();
    await run(10_000);
    expect(bySlot(sink, 'm')).toEqual(['1@0']);
    await manager.stop();
  });

  it('shows dropped targets and their number', async () => {
    const extra = {
      keep_dropped_targets: 1,
      relabel_configs: [{ source_labels: ['__address__'], regex: 'a:.*', action: 'keep' }],
    };
    const { manager } = setup(configuration([job(extra, ['a:1', 'b:1', 'c:1'])]), () => ({ body: '' }));
    manager.start();
    expect(manager.activeTargets().map((t) => t.labels.get('instance'))).toEqual(['a:1']);
    expect(manager.droppedTargets().map((t) => t.discoveredLabels.get('__address__'))).toEqual(['b:1']);
    expect(manager.droppedTargetCounts().get('j')).toBe(2);
    await manager.stop();
  });
});

describe('configuration', () => {
  const message = (jobs: unknown): string => {
    const result = scrapeConfigsSchema.safeParse(jobs);
    return result.success ? '' : z.prettifyError(result.error);
  };

  it.each([
    [[{ job_name: 'a', consul_sd_configs: [{ server: 'c:8500' }] }], 'consul_sd_configs is not supported'],
    [
      [{ job_name: 'a', scrape_interval: '5s', scrape_timeout: '6s' }],
      'must not be longer than scrape_interval',
    ],
    [[{ job_name: 'a' }, { job_name: 'a' }], '"a" is used twice'],
    [[{ job_name: 'a', nonsense: 1 }], 'nonsense'],
    [[{ job_name: 'a', relabel_configs: [{ regex: '(', target_label: 'x' }] }], 'not a valid RE2 pattern'],
    [[{ job_name: 'a', relabel_configs: [{ action: 'hashmod', target_label: 'x' }] }], 'modulus above 0'],
    [[{ job_name: 'a', bearer_token: 'x', basic_auth: { username: 'u' } }], 'only one of'],
    [[{ job_name: 'a', file_sd_configs: [{ files: ['x.txt'] }] }], 'must end in .json'],
  ])('refuses %j', (jobs, expected) => {
    expect(message(jobs)).toContain(expected);
  });
});

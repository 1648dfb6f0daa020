import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { httpTelemetry } from '../../http/telemetry.ts';
import { openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { parseGrouping } from '../ingest/push/grouping.ts';
import { PushService } from '../ingest/push/service.ts';
import { MemorySink } from '../testing/memory_sink.ts';
import { pushApi } from './push.ts';

let app: HttpApp | undefined;
afterEach(() => app?.close());

async function setup() {
  const clock = new ManualClock(1_000_000);
  const sink = new MemorySink();
  const telemetry = createTelemetry();
  const push = new PushService({
    clock,
    sink,
    metadata: sink,
    telemetry,
    log: silentLog,
    breathe: () => Promise.resolve(),
  });
  push.start();
  app = await openTestApp([pushApi(push)], { metrics: httpTelemetry(telemetry) });
  const http = app;
  const send = async (
    method: 'PUT' | 'POST' | 'DELETE',
    url: string,
    payload: string | Buffer = '',
    headers: Record<string, string> = {},
  ): Promise<string> => {
    const answer = await http.inject({ method, url, payload, headers: { host: 'localhost', ...headers } });
    return `${answer.statusCode} ${answer.body}`.trim();
  };
  const lines = (): string[] => sink.lines().splice(0, sink.lines().length);
  const take = (): string[] => {
    const taken = lines();
    sink.clear();
    return taken;
  };
  return { clock, sink, telemetry, send, take };
}

describe('push to a group', () => {
  it('stores at once, repeats every minute, and ends what a PUT leaves out', async () => {
    const { clock, send, take, sink } = await setup();
    expect(
      await send(
        'PUT',
        '/metrics/job/backup/instance/db',
        '# TYPE m counter\n# HELP m M.\nm{job="x"} 1\nn 2\n',
      ),
    ).toBe('200');
    const own = (time: number): string[] => [
      `push_time_seconds{instance="db", job="backup"} 1000@${time}`,
      `push_failure_time_seconds{instance="db", job="backup"} 0@${time}`,
    ];
    expect(take()).toEqual([
      'm{instance="db", job="backup"} 1@1000000',
      'n{instance="db", job="backup"} 2@1000000',
      ...own(1_000_000),
    ]);
    expect(sink.metadata.get('default/m')).toEqual({ type: 'counter', help: 'M.', unit: '' });
    await clock.advance(60_000);
    expect(take()).toEqual([
      'm{instance="db", job="backup"} 1@1060000',
      'n{instance="db", job="backup"} 2@1060000',
      ...own(1_060_000),
    ]);
    await send('PUT', '/metrics/job/backup/instance/db', 'm 5\n');
    expect(take()).toEqual([
      'm{instance="db", job="backup"} 5@1060000',
      'push_time_seconds{instance="db", job="backup"} 1060@1060000',
      'push_failure_time_seconds{instance="db", job="backup"} 0@1060000',
      'n{instance="db", job="backup"} stale@1060000',
    ]);
  });

  it('keeps with POST the families it does not name', async () => {
    const { send, take } = await setup();
    const histogram = '# TYPE h histogram\nh_bucket{le="1"} 1\nh_count 1\n';
    await send('POST', '/metrics/job/j', `${histogram}other 1\n`);
    take();
    await send('POST', '/metrics/job/j', '# TYPE h histogram\nh_count 2\n');
    const after = take();
    expect(after).toContain('h_count{job="j"} 2@1000000');
    expect(after).toContain('h_bucket{job="j", le="1"} stale@1000000');
    expect(after.some((line) => line.startsWith('other'))).toBe(false);
    await send('DELETE', '/metrics/job/j');
    expect(take().sort()).toEqual([
      'h_count{job="j"} stale@1000000',
      'other{job="j"} stale@1000000',
      'push_failure_time_seconds{job="j"} stale@1000000',
      'push_time_seconds{job="j"} stale@1000000',
    ]);
    expect(await send('DELETE', '/metrics/job/j')).toBe('202');
    expect(take()).toEqual([]);
  });

  it('stores samples with a time of their own once, without a group', async () => {
    const { send, take, clock } = await setup();
    expect(
      await send('PUT', '/metrics/job/j', gzipSync('m 1 999000\n'), { 'content-encoding': 'gzip' }),
    ).toBe('200');
    await clock.advance(120_000);
    expect(take()).toEqual(['m{job="j"} 1@999000']);
  });

  it.each([
    ['m 1\nm{ 2\n', '400 line 2: expected a label name: "m{ 2"'],
    ['m 1\nm 2\n', '400 line 2: m{job="j"} comes twice'],
    [
      'm{a="1",a="2"} 1\nx y\nz q\n',
      '400 line 1: label name "a" is not unique: "m{a=\\"1\\",a=\\"2\\"} 1" (and 2 more)',
    ],
  ])('refuses %j as a whole', async (body, expected) => {
    const { send, sink } = await setup();
    expect(await send('POST', '/metrics/job/j', body)).toBe(expected);
    expect(sink.of('m')).toEqual([]);
  });

  it('notes the time of a failed push, refuses other formats, and stores nothing over the series limit', async () => {
    const { send, take, sink, telemetry } = await setup();
    await send('POST', '/metrics/job/j', 'm{\n');
    expect(take()).toEqual(['push_failure_time_seconds{job="j"} 1000@1000000']);
    expect(await telemetry.expose()).toContain('pharos_push_parse_errors_total{reason="labels"} 1');
    expect(
      await send('POST', '/metrics/job/j', 'x', { 'content-type': 'application/vnd.google.protobuf' }),
    ).toMatch(/^415/);
    sink.maxSeries = 2;
    expect(await send('POST', '/metrics/job/j', 'a 1\nb 1\nc 1\n')).toMatch(
      /^429 line 2: the limit of series/,
    );
    expect(sink.of('a')).toEqual([]);
    expect(await telemetry.expose()).toContain('pharos_push_samples_total{result="refused"} 3');
    expect(await telemetry.expose()).toContain('pharos_push_samples_total{result="stored"} 0');
  });

  it('says what was refused for its time and keeps the rest', async () => {
    const { send, take, telemetry } = await setup();
    expect(await send('PUT', '/metrics/job/j', 'm 1 999000\n')).toBe('200');
    expect(await send('PUT', '/metrics/job/j', 'm 2 999000\nm 3 999500\nheld 4\n')).toBe(
      '400 stored 2 samples, refused 1: 1 samples have another value than the one stored at their time',
    );
    expect(take()).toEqual([
      'm{job="j"} 1@999000',
      'm{job="j"} 3@999500',
      'held{job="j"} 4@1000000',
      'push_time_seconds{job="j"} 1000@1000000',
      'push_failure_time_seconds{job="j"} 0@1000000',
    ]);
    expect(await telemetry.expose()).toContain('pharos_push_samples_total{result="refused"} 1');
    expect(await telemetry.expose()).toContain('pharos_push_samples_total{result="stored"} 3');
  });

  it('refuses for good what labels are too long for', async () => {
    const { send, sink } = await setup();
    sink.maxSeries = 0;
    sink.refusal = { reason: 'label_count', message: 'm has 200 labels, expected at most 128' };
    expect(await send('PUT', '/metrics/job/j', 'm 1\n')).toBe(
      '400 line 1: m has 200 labels, expected at most 128; nothing was stored',
    );
  });

  it('lets go of everything it took where the journal takes nothing', async () => {
    const { send, sink } = await setup();
    const open = new Set<object>();
    const appender = sink.appender.bind(sink);
    sink.appender = (options) => {
      const made = appender(options);
      open.add(made);
      const rollback = made.rollback.bind(made);
      made.rollback = () => {
        open.delete(made);
        rollback();
      };
      made.commit = () => {
        open.delete(made);
        return Promise.reject(new Error('the disk is full'));
      };
      return made;
    };
    expect(await send('PUT', '/metrics/job/j', 'm 3 999500\nheld 4\n')).toMatch(/^500 /);
    expect(open.size).toBe(0);
  });

  it('goes on telling when a push failed', async () => {
    const { send, take, clock } = await setup();
    await send('PUT', '/metrics/job/j', 'm 1\n');
    await clock.advance(1000);
    await send('PUT', '/metrics/job/j', 'm{\n');
    take();
    await clock.advance(59_000);
    expect(take()).toContain('push_failure_time_seconds{job="j"} 1001@1060000');
  });
});

describe('grouping', () => {
  it.each([
    ['job/a', [['job', 'a']]],
    [
      'job/a/x/y%2Fz/',
      [
        ['job', 'a'],
        ['x', 'y/z'],
      ],
    ],
    [
      'job@base64/YS9i/path@base64/L3Zhci90bXA/e@base64/=',
      [
        ['job', 'a/b'],
        ['path', '/var/tmp'],
        ['e', ''],
      ],
    ],
  ])('%s', (path, expected) => {
    expect([...parseGrouping(path)]).toEqual(expected);
  });

  it.each([
    'job',
    'job/',
    'x/y',
    'job/a/b',
    'job/a/0x/1',
    'job/a/__x/1',
    'job/a/x/1/x/2',
    'job@base64/*',
    'job/%zz',
  ])('refuses %s', (path) => {
    expect(() => parseGrouping(path)).toThrow(expect.objectContaining({ code: 'push.bad_group' }));
  });

  it('never fails otherwise', () => {
    const part = fc.constantFrom(
      'job',
      '/',
      'job@base64',
      '@base64',
      '%2F',
      '%',
      '=',
      'YQ',
      'x',
      '__proto__',
      'é',
      '',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 9 }), (parts) => {
        try {
          expect(parseGrouping(parts.join(''))).toBeInstanceOf(Map);
        } catch (error) {
          expect(error).toMatchObject({ code: 'push.bad_group' });
        }
      }),
    );
  });
});

describe('import', () => {
  it('keeps the valid lines and names the first refused one', async () => {
    const { send, take } = await setup();
    const url = '/api/v1/import/prometheus?extra_label=job=batch&extra_label=zone=a';
    expect(await send('POST', url, 'm{zone="b"} 1\nn 2 5000\n')).toBe('204');
    expect(take()).toEqual(['m{job="batch", zone="b"} 1@1000000', 'n{job="batch", zone="a"} 2@5000']);
    expect(await send('POST', url, 'm 1\nbroken\nn 2\nbroken too\n')).toBe(
      '400 stored 2 samples, refused 2: line 2: expected a number after the series: "broken" (and 1 more)',
    );
    expect(take()).toHaveLength(2);
    expect(await send('POST', `${url}&extra_label=x`, 'm 1\n')).toMatch(/^400 extra_label "x"/);
  });
});

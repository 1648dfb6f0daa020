import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask, healthOf, ownMetric, pushText } from '../support/client.ts';
import { type RunningPharos, removeData, runPharos, startPharosProcess } from '../support/pharos.ts';

const run = promisify(execFile);
const QUIET = 'self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\n';

interface Target {
  readonly scrapePool: string;
  readonly health: string;
  readonly lastError: string;
}

interface BadTarget {
  readonly answer: (response: ServerResponse) => void;
  /** What the target's page says is wrong. */
  readonly error: RegExp;
  readonly metric: string;
  readonly labels: string;
  /** Further lines of the job. */
  readonly job?: string;
}

const say = (response: ServerResponse, body: string | Buffer, type = 'text/plain'): void => {
  response.writeHead(200, { 'content-type': type }).end(body);
};

const MILLION = 1_000_000;
/** A million series in gzip, made once: what a badly written exporter may well answer. */
const millionSeries = (): Buffer => {
  const lines: string[] = [];
  for (let i = 0; i < MILLION; i++) lines.push(`flood{i="${i}"} 1`);
  return Buffer.from(`${lines.join('\n')}\n`);
};
let million: Buffer | undefined;

const parse = 'pharos_scrape_parse_errors_total';
const scrapes = 'pharos_scrapes_total';
const BAD: Readonly<Record<string, BadTarget>> = {
  malformed: {
    answer: (response) => say(response, 'good 1\nbad{a="b} 2\n'),
    error: /line 2: .*bad/,
    metric: parse,
    labels: 'reason="labels"',
  },
  no_value: {
    answer: (response) => say(response, '# TYPE x gauge\nx one\n'),
    error: /line 2: .*x one/,
    metric: parse,
    labels: 'reason="value"',
  },
  html: {
    answer: (response) => say(response, '<html>sign in</html>', 'text/html; charset=utf-8'),
    error: /unsupported Content-Type "text\/html.*fallback_scrape_protocol/,
    metric: scrapes,
    labels: 'outcome="content_type"',
  },
  huge_line: {
    answer: (response) => say(response, `ok 1\nlong{x="${'y'.repeat(1_100_000)}"} 1\n`),
    error: /line 2: .*longer than \d+ bytes/,
    metric: parse,
    labels: 'reason="too_long"',
  },
  not_utf8: {
    answer: (response) => say(response, Buffer.from('bytes{x="\xff\xfe"} 1\n', 'latin1')),
    error: /line 1: .*UTF-8.*\\xff/,
    metric: parse,
    labels: 'reason="utf8"',
  },
  hanging: {
    answer: () => undefined,
    error: /did not answer|timeout|timed out|within/i,
    metric: scrapes,
    labels: 'outcome="timeout"',
  },
  slow: {
    // Begins at once and never ends: a byte now and then must not keep the scrape alive.
    answer: (response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const drip = setInterval(() => response.write('a 1\n'), 100);
      response.on('close', () => clearInterval(drip));
    },
    error: /did not answer|timeout|timed out|within/i,
    metric: scrapes,
    labels: 'outcome="timeout"',
  },
  limited: {
    answer: (response) => say(response, 'a 1\nb 1\nc 1\n'),
    error: /sample_limit|2 samples|limit/,
    metric: parse,
    labels: 'reason="sample_limit"',
    job: '    sample_limit: 2\n',
  },
  million: {
    answer: (response) => say(response, (million ??= millionSeries())),
    error: /500000|limit/,
    metric: parse,
    labels: 'reason="sample_limit"',
    job: '    scrape_interval: 4s\n    scrape_timeout: 4s\n',
  },
  bomb: {
    answer: (response) => say(response, `a{x="${'b'.repeat(30_000)}"} 1\n`.repeat(40)),
    error: /exceeds 1048576 bytes/,
    metric: scrapes,
    labels: 'outcome="body_too_large"',
    job: '    body_size_limit: 1MB\n',
  },
  failing: {
    answer: (response) => response.writeHead(500).end('oops'),
    error: /500/,
    metric: scrapes,
    labels: 'outcome="status"',
  },
};

describe('targets that misbehave', () => {
  const servers: Server[] = [];
  let pharos: RunningPharos;
  const good = (response: ServerResponse): void => say(response, 'good_value 42\n');

  async function listen(answer: (response: ServerResponse) => void): Promise<number> {
    const server = createServer((_request, response) => answer(response));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  beforeAll(async () => {
    // Made while a scrape waits it would hold up the good target too, which lives in this process.
    million = millionSeries();
    let config = `${QUIET}health: {poll_scrape_targets: false}\nglobal: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n`;
    for (const [name, { answer, job = '' }] of Object.entries(BAD))
      config += `  - job_name: ${name}\n    static_configs: [{targets: ['127.0.0.1:${await listen(answer)}']}]\n${job}`;
    // Patient: it lives in this process, which sends a million series now and then.
    config += `  - job_name: good\n    scrape_interval: 4s\n    scrape_timeout: 4s\n    static_configs: [{targets: ['127.0.0.1:${await listen(good)}']}]\n`;
    pharos = await startPharosProcess({ config });
  });

  afterAll(async () => {
    await pharos.stop();
    await removeData(pharos);
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function targetOf(name: string): Promise<Target | undefined> {
    const answer = await fetch(`${pharos.url}/api/v1/targets`);
    const body = (await answer.json()) as { data: { activeTargets: Target[] } };
    return body.data.activeTargets.find((target) => target.scrapePool === name);
  }

  it.each(Object.entries(BAD))('%s: named, counted, down', async (name, { error, metric, labels }) => {
    await vi.waitFor(
      async () => {
        const target = await targetOf(name);
        expect([target?.health, target?.lastError]).toEqual(['down', expect.stringMatching(error)]);
      },
      { timeout: 30_000, interval: 200 },
    );
    await vi.waitFor(
      async () => expect(await ask(pharos.url, `up{job="${name}"} == 0`)).toHaveLength(1),
      5000,
    );
    // Nothing of a refused body is kept.
    expect(await ask(pharos.url, `{job="${name}", __name__!~"up|scrape_.*"}`)).toEqual([]);
    expect(await ownMetric(pharos.url, metric, labels)).toBeGreaterThan(0);
  });

  it('leave the others and the process alone', async () => {
    await vi.waitFor(
      async () => expect((await ask(pharos.url, 'good_value{job="good"}'))[0]?.value[1]).toBe('42'),
      { timeout: 20_000, interval: 100 },
    );
    expect(await ask(pharos.url, 'min_over_time(up{job="good"}[5m]) == 1')).toHaveLength(1);
    expect(await targetOf('good')).toMatchObject({ health: 'up', lastError: '' });
    expect(pharos.child.exitCode).toBeNull();
  });

  it('pushed text with a wrong line is refused by name, and the right lines kept', async () => {
    const at = Date.now();
    const answer = await pushText(pharos.url, `pushed_good 1 ${at}\npushed_bad{ 1\n`);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringMatching(/refused 1: line 2: /)]);
    expect((await ask(pharos.url, 'pushed_good'))[0]?.value[1]).toBe('1');
    const typed = await fetch(`${pharos.url}/metrics/job/x`, {
      method: 'POST',
      headers: { 'content-type': 'application/pdf' },
      body: 'x 1\n',
    });
    expect([typed.status, await typed.text()]).toEqual([415, expect.stringContaining('application/pdf')]);
  });
});

describe('the data directory', () => {
  const running: RunningPharos[] = [];
  afterAll(async () => {
    for (const pharos of running) {
      await pharos.stop();
      await removeData(pharos);
    }
  });

  it('belongs to one process: a second one names the first and ends', async () => {
    const first = await startPharosProcess({ config: QUIET });
    running.push(first);
    const second = await runPharos([
      'serve',
      '--set',
      `storage.path=${join(first.directory, 'data')}`,
      '--set',
      'web.port=0',
    ]);
    expect(second.code).toBe(1);
    expect(second.output.trim().split('\n')).toEqual([
      expect.stringMatching(
        new RegExp(`^pharos: the data directory .* is used by process ${first.child.pid}\\b`),
      ),
    ]);
    expect((await fetch(`${first.url}/api/health`)).status).toBe(200);
  });

  it('with foreign and corrupt journal segments starts, puts them aside, counts and logs them', async () => {
    const first = await startPharosProcess({ config: QUIET });
    const at = Date.now() - 60_000;
    for (let i = 0; i < 20; i++)
      expect((await pushText(first.url, `kept{i="${i}"} ${i} ${at + i}\n`)).ok).toBe(true);
    await first.stop('SIGKILL');
    const other = await startPharosProcess({ config: QUIET });
    expect((await pushText(other.url, `foreign_value 1 ${at}\n`)).ok).toBe(true);
    await other.stop('SIGKILL');
    const journal = join(first.directory, 'data', 'journal');
    const names = async (directory: string) =>
      (await readdir(directory)).filter((name) => name.endsWith('.seg'));
    const foreign = join(other.directory, 'data', 'journal');
    const [stranger = ''] = await names(foreign);
    const [own = ''] = await names(journal);
    // Another journal's segment, noise under a segment's name, a stranger's file, and a flipped bit in the last request.
    await cp(join(foreign, stranger), join(journal, stranger.replace(/^\d{12}/, '000000000090')));
    await writeFile(join(journal, '000000000091-0badf00d.seg'), Buffer.alloc(5000, 0xa5));
    await writeFile(join(journal, 'notes.txt'), 'left here by somebody');
    const bytes = await readFile(join(journal, own));
    const last = bytes.length - 40;
    bytes[last] = (bytes[last] ?? 0) ^ 0x10;
    await writeFile(join(journal, own), bytes);
    await removeData(other);

    const pharos = await startPharosProcess({
      config: `${QUIET}storage: {flush_interval: 1s}\n`,
      directory: first.directory,
    });
    running.push(pharos);
    const kept = await ask(pharos.url, 'count(last_over_time(kept[5m]))');
    expect(Number(kept[0]?.value[1])).toBeGreaterThanOrEqual(19);
    expect(await ask(pharos.url, 'last_over_time(foreign_value[5m])')).toEqual([]);
    expect(
      await ownMetric(pharos.url, 'pharos_journal_quarantined_total', 'reason="foreign"'),
    ).toBeGreaterThanOrEqual(2);
    expect(await ownMetric(pharos.url, 'pharos_journal_quarantined_total')).toBeGreaterThanOrEqual(3);
    const aside = await readdir(join(first.directory, 'data', 'quarantine'));
    expect(aside.filter((name) => name.endsWith('.json')).length).toBeGreaterThanOrEqual(3);
    expect(pharos.output().match(/put into quarantine/g)?.length).toBeGreaterThanOrEqual(3);
    expect((await pushText(pharos.url, `kept{i="after"} 1\n`)).ok).toBe(true);
    await vi.waitFor(
      async () => expect(await ownMetric(pharos.url, 'pharos_journal_pending_rows')).toBe(0),
      20_000,
    );
  });
});

/** A small disk of its own, where this user may mount one. */
const disk = await mkdtemp(join(tmpdir(), 'pharos-disk-'));
const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', disk]).then(
  () => true,
  () => false,
);
if (!mounted) console.log('skipped: the full disk, since this user may not mount a small one');
afterAll(async () => {
  if (mounted) await run('umount', ['-l', disk]);
  await rm(disk, { recursive: true, force: true });
});

describe.skipIf(!mounted)('a full disk', () => {
  it.each([
    ['below the floor', '8MB'],
    ['to the last byte', '0'],
  ])(
    '%s: ingest says so and when to come again, the rest answers, nothing acknowledged is lost',
    async (_, floor) => {
      const directory = join(disk, floor);
      await mkdir(directory);
      const config = `${QUIET}storage: {free_disk: ${floor}, memory: 300MB, flush_interval: 1s}\n`;
      let pharos = await startPharosProcess({ config, directory });
      const acknowledged: number[] = [];
      let at = Date.now() - 120_000;
      const push = async (): Promise<Response> => {
        const mine = at++;
        const answer = await pushText(pharos.url, `disk_value ${mine % 1000} ${mine}\n`);
        if (answer.ok) acknowledged.push(mine);
        return answer;
      };
      expect((await push()).ok).toBe(true);
      const filler = join(disk, 'filler');
      await fill(filler, floor === '0' ? 0 : 4 * 2 ** 20);
      const refused = await vi.waitFor(
        async () => {
          const answer = await push();
          expect(answer.status).toBe(503);
          return answer;
        },
        { timeout: 20_000, interval: 20 },
      );
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await refused.text()).toMatch(/disk .*(full)|bytes are free on the disk/);
      const health = await healthOf(pharos.url);
      expect(health.services).toEqual([]);
      expect(health.dependencies.find(({ name }) => name === 'journal')?.status).toBe('unhealthy');
      expect((await ask(pharos.url, 'count_over_time(disk_value[5m])'))[0]?.value[1]).toBe(
        String(acknowledged.length),
      );
      expect((await fetch(`${pharos.url}/api/summary`)).status).toBe(200);
      expect(await ownMetric(pharos.url, 'pharos_journal_refused_total', 'reason="disk"')).toBeGreaterThan(0);
      await rm(filler);
      await vi.waitFor(async () => expect((await push()).ok).toBe(true), { timeout: 20_000, interval: 100 });
      await vi.waitFor(
        async () => expect(await ownMetric(pharos.url, 'pharos_journal_pending_rows')).toBe(0),
        {
          timeout: 30_000,
          interval: 100,
        },
      );
      await pharos.stop('SIGKILL');
      pharos = await startPharosProcess({ config, directory });
      expect((await ask(pharos.url, 'count_over_time(disk_value[5m])'))[0]?.value[1]).toBe(
        String(acknowledged.length),
      );
      expect(await pharos.stop()).toBe(0);
      await removeData(pharos);
    },
  );
});

/** Takes the disk's space but for `left` bytes. */
async function fill(path: string, left: number): Promise<void> {
  for (;;) {
    const { bavail, bsize } = await statfs(disk);
    try {
      await run('fallocate', ['-l', String(bavail * bsize - left), path]);
      return;
    } catch (error) {
      // Something was written since we looked: what was free then is no longer.
      if (!String(error).includes('No space left')) throw error;
    }
  }
}

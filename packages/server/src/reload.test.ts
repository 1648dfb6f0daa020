import { expect, it } from 'vitest';
import { type PharosConfig, SECTIONS } from './config.ts';
import { ManualClock } from './kernel/clock.ts';
import { loadConfig } from './kernel/config/load.ts';
import { silentLog } from './kernel/log.ts';
import { Notifications } from './kernel/notifications.ts';
import { createTelemetry } from './kernel/telemetry.ts';
import { ConfigReloader } from './reload.ts';

const load = (text: string) => loadConfig(SECTIONS, { file: { name: 'pharos.yaml', text }, env: {} });

function reloader(
  first: string,
  problems: (config: PharosConfig) => readonly string[] | Promise<readonly string[]> = () => [],
) {
  const loaded = load(first);
  if (!loaded.ok) throw new Error('the first configuration is wrong');
  const clock = new ManualClock(1_000_000);
  const telemetry = createTelemetry();
  const notifications = new Notifications(() => clock.now());
  const applied: PharosConfig[] = [];
  let text = first;
  const part = { name: 'part', problems, applyConfig: (config: PharosConfig) => void applied.push(config) };
  const made = new ConfigReloader(
    {
      clock,
      log: silentLog,
      telemetry,
      notifications,
      read: () => Promise.resolve(load(text)),
      parts: [part],
    },
    loaded,
  );
  return { made, clock, telemetry, notifications, applied, write: (next: string) => (text = next) };
}

it('applies a good configuration, refuses a bad one whole, and tells both', async () => {
  const { made, clock, telemetry, notifications, applied, write } = reloader(
    'global: {scrape_interval: 10s}',
  );
  write('global: {scrape_interval: 20s}');
  await clock.advance(5000);
  await made.reload();
  expect(applied.map((config) => config.global.scrape_interval)).toEqual([20_000]);
  expect(made.written).toEqual({ global: { scrape_interval: '20s' } });
  expect(made.state).toEqual({ success: true, appliedAt: 1_005_000 });
  expect(await telemetry.expose()).toContain('pharos_config_last_reload_successful 1');

  write('global: {scrape_interval: 1}\nscrape_configs: [{job_nam: x}]');
  await clock.advance(5000);
  const failure = made.reload();
  await expect(failure).rejects.toThrow('pharos.yaml:1:10: global.scrape_interval');
  await expect(failure).rejects.toThrow('job_nam');
  expect(applied).toHaveLength(1);
  expect(made.state).toEqual({ success: false, appliedAt: 1_005_000 });
  expect(notifications.active().map(({ text }) => text)).toEqual(['Configuration reload has failed.']);
  const text = await telemetry.expose();
  expect(text).toContain('pharos_config_last_reload_successful 0');
  expect(text).toContain('pharos_config_last_reload_success_timestamp_seconds 1005');

  write('');
  await made.reload();
  expect(notifications.active()).toEqual([]);
});

it('refuses a change that only a restart can honour, by name', async () => {
  const { made, applied, write } = reloader('web: {port: 1}');
  write('web: {port: 2}\nglobal: {scrape_interval: 20s}');
  await expect(made.reload()).rejects.toThrow(
    'section "web" has changed, which takes effect only with a restart',
  );
  expect(applied).toEqual([]);
});

it('compares what is no JSON: ranges of addresses', async () => {
  const { made, applied, write } = reloader('egress: {allow: [10.0.0.0/8]}');
  write('egress: {allow: [10.0.0.0/8]}\nglobal: {scrape_interval: 20s}');
  await made.reload();
  expect(applied).toHaveLength(1);
  write('egress: {allow: [10.0.0.0/9]}');
  await expect(made.reload()).rejects.toThrow('section "egress" has changed');
});

it('knows where its settings come from, as of the configuration in effect', async () => {
  const { made, write } = reloader('global: {scrape_interval: 10s}');
  write('\n\nglobal: {scrape_interval: 20s}');
  await made.reload();
  expect(made.origins).toEqual([{ path: ['global', 'scrape_interval'], from: 'pharos.yaml:3:10' }]);
  expect(made.config.global.scrape_interval).toBe(20_000);
});

it('takes nothing when one part could not run with it', async () => {
  const { made, applied, write } = reloader('', ({ modules }) =>
    Object.keys(modules).map((name) => `${name}: no`),
  );
  write('modules: {a: {prober: icmp}}');
  await expect(made.reload()).rejects.toThrow('a: no');
  expect(applied).toEqual([]);
  write('global: {scrape_interval: 20s}');
  await made.reload();
  expect(applied).toHaveLength(1);
});

it('sees no change where everything is as it was', async () => {
  const whole = `logs:
  files: {roots: [/var/log], follow: [{paths: [/var/log/a.log], multiline: {start: '^(x|y)+z'}}]}
  redact: {ready: [secrets]}
events: {rules: [{name: slow, when: data.latency > 500}]}
health: {polls: [{service: a, url: 'http://a'}]}
web: {tls_server_config: {cert_file: a, key_file: b}}
service_aliases: {a: b}
egress: {deny: [10.0.0.0/8]}
`;
  const { made, applied } = reloader(whole);
  // Patterns keep what they made for themselves while they matched.
  expect(made.config.logs.files.follow[0]?.multiline?.start.matcher('a\nxyxyz').find()).toBe(false);
  await made.reload();
  expect(applied).toHaveLength(1);
});

it('sees no change where the same is written in other words', async () => {
  const { made, write } = reloader('storage: {flush_interval: 60s}');
  write('storage: {flush_interval: 1m}');
  await made.reload();
  write('storage: {flush_interval: 2m}');
  await expect(made.reload()).rejects.toThrow('section "storage" has changed');
});

it('answers reloads that come together one after the other', async () => {
  const { made, applied, write } = reloader('');
  write('global: {scrape_interval: 20s}');
  const first = made.reload();
  write('global: {scrape_interval: 30s}');
  await Promise.all([first, made.reload()]);
  expect(applied.at(-1)?.global.scrape_interval).toBe(30_000);
});

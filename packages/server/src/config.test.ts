import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { SECTIONS } from './config.ts';
import { loadConfig } from './kernel/config/load.ts';
import { maskedConfig } from './kernel/config/mask.ts';
import { envExample, environmentOf } from './kernel/config/reference.ts';

const root = new URL('../../../', import.meta.url);
const load = (text: string) => loadConfig(SECTIONS, { file: { name: 'pharos.yaml', text }, env: {} });
const problems = (text: string) => {
  const result = load(text);
  return result.ok ? [] : result.problems.map((p) => `${p.where} ${p.path}: ${p.message}`);
};

/** `documentation/examples/prometheus.yml` of Prometheus 3, without its comments of prose. */
const PROMETHEUS_EXAMPLE = `
global:
  scrape_interval: 15s # Set the scrape interval to every 15 seconds. Default is every 1 minute.
  evaluation_interval: 15s # Evaluate rules every 15 seconds. The default is every 1 minute.
alerting:
  alertmanagers:
    - static_configs:
        - targets:
          # - alertmanager:9093
rule_files:
  # - "first_rules.yml"
  # - "second_rules.yml"
scrape_configs:
  - job_name: "prometheus"
    static_configs:
      - targets: ["localhost:9090"]
        labels:
          app: "prometheus"
`;

describe('the whole configuration', () => {
  it('starts from nothing, on loopback', () => {
    const result = load('');
    expect(result.ok && [result.config.web.listen_address, result.config.web.port]).toEqual([
      '127.0.0.1',
      8000,
    ]);
  });

  it("takes Prometheus' own file for scraping", () => {
    expect(
      problems(
        "global: {scrape_interval: 15s, external_labels: {site: a}}\nscrape_configs:\n  - job_name: node\n    static_configs: [{targets: ['a:9100'], labels: {x: y}}]\n    relabel_configs: [{source_labels: [__address__], target_label: host}]\n",
      ),
    ).toEqual([]);
  });

  it('takes the file that Prometheus comes with', () => {
    expect(problems(PROMETHEUS_EXAMPLE)).toEqual([]);
  });

  it('refuses a section that cannot be honoured, naming it', () => {
    expect(problems('remote_read:\n  - url: http://x\n')[0]).toMatch(
      /pharos\.yaml:1:1 remote_read: other servers are not read from/,
    );
    expect(problems('rule_files: ["a*/b.yml"]\n')).toEqual([
      expect.stringContaining('a * may stand only in the last part of a path'),
    ]);
    expect(problems('alerting: {alertmanagers: [{api_version: v1}]}\n').join()).toContain('only v2 is left');
    expect(problems('alerting: {alertmanagers: [{dns_sd_configs: [{names: [a]}]}]}\n').join()).toContain(
      'unknown key "dns_sd_configs"',
    );
    expect(
      problems(
        'remote_write:\n  - {url: http://x, send_exemplars: sometimes, sigv4: {}}\n  - {url: http://y, queue_config: {capcity: 1}}\n  - url: ftp://z\n  - {url: http://x, protobuf_message: io.prometheus.write.v3.Request}\n',
      ).map((text) => text.replace(/^\S+ /, '')),
    ).toEqual([
      expect.stringContaining('remote_write.0.send_exemplars'),
      expect.stringContaining('remote_write.0'),
      expect.stringContaining('remote_write.1.queue_config'),
      expect.stringContaining('remote_write.2.url: expected an http or https address'),
      expect.stringContaining('remote_write.3.protobuf_message'),
    ]);
    expect(problems('remote_write:\n  - url: http://x\n  - url: http://x\n')[0]).toContain(
      '"http://x" is used twice; give each its own name',
    );
    expect(
      problems('scrape_configs:\n  - job_name: a\n    consul_sd_configs: [{server: x}]\n').join(),
    ).toContain('consul_sd_configs');
  });

  it('keeps .env.example and docs/configuration.md true', async () => {
    expect(await readFile(new URL('.env.example', root), 'utf8')).toBe(envExample(SECTIONS));
    const page = await readFile(new URL('docs/configuration.md', root), 'utf8');
    for (const { binding } of environmentOf(SECTIONS)) expect(page).toContain(`\`${binding.variable}\``);
    for (const { key } of Object.values(SECTIONS)) expect(page).toContain(`\`${key}\``);
  });

  it('shows no secret that has a variable', () => {
    const secrets = environmentOf(SECTIONS).filter(({ binding }) => binding.secret === true);
    expect(secrets.length).toBeGreaterThan(0);
    for (const { setting } of secrets) {
      const written = setting.split('.').reduceRight<unknown>((value, key) => ({ [key]: value }), 'hidden');
      expect([setting, JSON.stringify(maskedConfig(written))]).toEqual([
        setting,
        expect.not.stringContaining('hidden'),
      ]);
    }
  });
});

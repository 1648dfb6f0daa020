import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig } from './load.ts';
import { defineSection } from './section.ts';
import { duration, size, sizeFrom } from './values.ts';

const sections = {
  web: defineSection(
    'web',
    z
      .strictObject({
        listen_address: z.string().default('127.0.0.1'),
        port: z.number().int().min(0).max(65535).default(8000),
        password: z.string().optional(),
      })
      .prefault({}),
    [
      { variable: 'PHAROS_PORT', path: ['port'], as: 'number', about: 'port' },
      { variable: 'PHAROS_PASSWORD', path: ['password'], as: 'string', about: 'password', secret: true },
    ],
  ),
  storage: defineSection(
    'storage',
    z
      .strictObject({
        memory: size.prefault('1GB'),
        limit: sizeFrom(1024).prefault('1GB'),
        flush: duration.prefault('5s'),
      })
      .prefault({}),
  ),
  scrapes: defineSection(
    'scrape_configs',
    z.array(z.strictObject({ job_name: z.string(), scrape_interval: duration.optional() })).default([]),
  ),
};

function load(
  text?: string,
  env: Record<string, string> = {},
  flags: { path: string; value: string }[] = [],
) {
  return loadConfig(sections, {
    file: text === undefined ? undefined : { name: 'pharos.yaml', text },
    env,
    flags,
  });
}

function problems(text: string, env: Record<string, string> = {}) {
  const result = load(text, env);
  return result.ok ? [] : result.problems.map((p) => `${p.where} ${p.path}: ${p.message}`);
}

describe('loadConfig', () => {
  it('fills defaults when there is no file', () => {
    const result = load();
    expect(result.ok && result.config).toMatchObject({
      web: { port: 8000 },
      storage: { memory: 2 ** 30, flush: 5000 },
      scrapes: [],
    });
  });

  it('refuses a size under its least one', () => {
    expect(problems('storage: {limit: 0}')).toEqual([
      expect.stringMatching(/storage\.limit: .*at least 1024 bytes/),
    ]);
  });

  it('lets flags win over the environment, and the environment over the file', () => {
    const file = 'web:\n  port: 1\n';
    const port = (r: ReturnType<typeof load>) => r.ok && r.config.web.port;
    expect(port(load(file))).toBe(1);
    expect(port(load(file, { PHAROS_PORT: '2' }))).toBe(2);
    expect(port(load(file, { PHAROS_PORT: '2' }, [{ path: 'web.port', value: '3' }]))).toBe(3);
  });

  it('lays the file over a base, key by key, and joins their lists', () => {
    const base = { web: { port: 1 }, storage: { memory: '2GB' }, scrape_configs: [{ job_name: 'shop' }] };
    const text = 'storage:\n  flush: 1s\nscrape_configs:\n  - job_name: mine\n';
    const merge = (file: string) =>
      loadConfig(sections, { base, file: { name: 'pharos.yaml', text: file }, env: {} });
    const merged = merge(text);
    expect(merged.ok && merged.config).toMatchObject({
      web: { port: 1 },
      storage: { memory: 2 * 2 ** 30, flush: 1000 },
      scrapes: [{ job_name: 'mine' }, { job_name: 'shop' }],
    });
    const wrong = merge('scrape_configs:\n  - job_nam: mine\n');
    expect(wrong.ok ? [] : wrong.problems.map((p) => p.where)).toContain('pharos.yaml:2:5');
  });

  it('points at an unknown key with line and column, and suggests the near one', () => {
    expect(problems('web:\n  prot: 80\n')).toEqual([
      'pharos.yaml:2:3 web.prot: unknown key "prot"; did you mean "port"?',
    ]);
    expect(problems('wbe:\n  port: 80\n')).toEqual([
      'pharos.yaml:1:1 wbe: unknown key "wbe"; did you mean "web"?',
    ]);
  });

  it('finds keys inside lists', () => {
    expect(problems('scrape_configs:\n  - job_name: a\n    scrape_intervall: 5s\n')).toEqual([
      'pharos.yaml:3:5 scrape_configs.0.scrape_intervall: unknown key "scrape_intervall"; did you mean "scrape_interval"?',
    ]);
  });

  it('names the value and what was expected', () => {
    expect(problems('storage:\n  flush: fast\n')[0]).toContain(
      'pharos.yaml:2:3 storage.flush: "fast" is not a duration; write it like 15s',
    );
    expect(problems('storage:\n  memory: lots\n')[0]).toContain('"lots" is not a size');
  });

  it('says which variable is wrong, without showing a secret', () => {
    expect(problems('', { PHAROS_PORT: 'eighty' })).toEqual([
      'environment PHAROS_PORT web.port: "eighty" is not a number',
    ]);
    expect(problems('', { PHAROS_PORT: '99999' })[0]).toContain('environment PHAROS_PORT');
  });

  it('reports broken YAML with its position', () => {
    expect(problems('web: [1\n')[0]).toMatch(/^pharos\.yaml:\d+:\d+ : /);
    expect(problems('- a\n- b\n')[0]).toContain('must hold a mapping');
    expect(problems('web:\n  port: 1\n  port: 2\n')[0]).toContain('unique');
  });

  it('never throws and never pollutes, whatever the text and the flags', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom('__proto__: {a: 1}', 'web: {__proto__: {port: 1}}', '&a [*a]')),
        fc.constantFrom('__proto__.x', 'web.port', 'a.b.c'),
        (text, path) => {
          load(text, {}, [{ path, value: text }]);
          expect(({} as { x?: unknown }).x).toBeUndefined();
        },
      ),
    );
  });

  it('tells where each setting that was written comes from', () => {
    const result = loadConfig(sections, {
      base: { storage: { memory: '1GB' }, scrape_configs: [{ job_name: 'own' }] },
      file: { name: 'pharos.yaml', text: 'web:\n  port: 1\n  listen_address: "::1"\n' },
      env: { PHAROS_PORT: '2', PHAROS_PASSWORD: 'x' },
      flags: [{ path: 'storage.limit', value: '2GB' }],
    });
    expect(result.ok && result.origins.map(({ path, from }) => `${path.join('.')} ${from}`)).toEqual([
      'storage.memory built in',
      'storage.limit flag --set storage.limit',
      'scrape_configs built in',
      'web.port environment PHAROS_PORT',
      'web.listen_address pharos.yaml:3:3',
      'web.password environment PHAROS_PASSWORD',
    ]);
  });
});

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { problemLines, readConfig } from './options.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pharos-options-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(files: Readonly<Record<string, string>>, base?: Readonly<Record<string, unknown>>) {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const result = await readConfig({ config: join(folder, 'prometheus.yml') }, {}, base);
  return result.ok
    ? { config: result.config, problems: '' }
    : { config: null, problems: problemLines(result.problems).replaceAll(folder, '') };
}

const job = (name: string): string =>
  `scrape_configs: [{job_name: ${name}, static_configs: [{targets: ['a:1']}]}]\n`;

describe('a configuration as Prometheus reads it', () => {
  it('has the jobs of the files that scrape_config_files names, its own first', async () => {
    const { config } = await read(
      {
        'prometheus.yml': `scrape_config_files: ['more/*.yml', 'none/*.yml', 'one.json']\n${job('own')}`,
        'more/b.yml': job('b'),
        'more/a.yml': job('a'),
        'more/c.txt': job('c'),
        'one.json': '{"scrape_configs": [{"job_name": "json"}]}',
      },
      { scrape_configs: [{ job_name: 'built-in' }] },
    );
    expect(config?.scrapes.map(({ job_name: name }) => name)).toEqual(['own', 'a', 'b', 'json', 'built-in']);
  });

  it('names the file, line and key of what is wrong in one of them, and jobs that are there twice', async () => {
    expect(
      (
        await read({
          'prometheus.yml': 'scrape_config_files: [more.yml, gone.yml]\n',
          'more.yml': 'scrape_configs:\n  - job_name: x\n    scrape_intervall: 1s\n',
        })
      ).problems,
    ).toBe(
      '/more.yml:3:5: scrape_configs.0.scrape_intervall: unknown key "scrape_intervall"; did you mean "scrape_interval"?\n' +
        "/gone.yml: cannot be read: ENOENT: no such file or directory, open '/gone.yml'",
    );
    expect(
      (await read({ 'prometheus.yml': `scrape_config_files: [more.yml]\n${job('x')}`, 'more.yml': job('x') }))
        .problems,
    ).toContain('job_name "x" is used twice');
    expect((await read({ 'prometheus.yml': 'scrape_config_files: [a*b/c.yml]\n' })).problems).toContain(
      'with at most one * in its last part',
    );
  });

  it('reads relative paths from where the file lies, and leaves names of the user alone', async () => {
    const { config } = await read({
      'prometheus.yml': `scrape_config_files: [sub/more.yml]
remote_write: [{url: 'http://a', tls_config: {ca_file: ca.pem}}]
scrape_configs:
  - job_name: x
    authorization: {credentials_file: token}
    params: {key_file: [as it is]}
    static_configs: [{targets: ['a:1'], labels: {key_file: as it is}}]
    file_sd_configs: [{files: [targets/*.json, /etc/all.yml]}]
    tls_config: {ca_file: /etc/ca.pem}
`,
      'sub/more.yml': 'scrape_configs: [{job_name: y, basic_auth: {username: u, password_file: secret}}]\n',
    });
    expect(config?.scrapes[0]).toMatchObject({
      authorization: { credentials_file: join(folder, 'token') },
      params: { key_file: ['as it is'] },
      static_configs: [{ labels: { key_file: 'as it is' } }],
      file_sd_configs: [{ files: [join(folder, 'targets/*.json'), '/etc/all.yml'] }],
      tls_config: { ca_file: '/etc/ca.pem' },
    });
    expect(config?.scrapes[1]).toMatchObject({ basic_auth: { password_file: join(folder, 'sub/secret') } });
    expect(config?.remotes[0]).toMatchObject({ tls_config: { ca_file: join(folder, 'ca.pem') } });
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runPharos, startPharosProcess } from '../support/pharos.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pharos-commands-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function file(text: string): Promise<string> {
  const path = join(directory, 'pharos.yaml');
  await writeFile(path, text);
  return path;
}

describe('pharos check config', () => {
  it('says that a good file is fine', async () => {
    const path = await file(
      "scrape_configs:\n  - job_name: a\n    static_configs: [{targets: ['127.0.0.1:1']}]\n",
    );
    expect(await runPharos(['check', 'config', path])).toEqual({
      code: 0,
      output: `${path}: fine, 1 scrape job(s)\n`,
    });
  });

  it('shows every mistake with its line and column, and exits 1', async () => {
    const path = await file('web:\n  prot: 80\nstorage:\n  memory: lots\ntracing: {}\n');
    const { code, output } = await runPharos(['check', 'config', path]);
    expect(code).toBe(1);
    expect(output.trim().split('\n').toSorted()).toEqual([
      expect.stringContaining(`${path}:2:3: web.prot: unknown key "prot"; did you mean "port"?`),
      expect.stringContaining(`${path}:4:3: storage.memory: "lots" is not a size`),
      expect.stringContaining(`${path}:5:1: tracing: unknown key "tracing"`),
    ]);
  });

  it('names the field of a probe that cannot run, and a start comes up without that probe', async () => {
    const config =
      "probes: {checks: [{type: tls, name: bad, target: 'a:443', tls: {ca: none}}, {type: heartbeat, name: good}]}\n";
    const { code, output } = await runPharos(['check', 'config', await file(config)]);
    expect([code, output]).toEqual([
      1,
      expect.stringContaining('probes.checks.0.tls.ca: "bad": expected certificates in PEM'),
    ]);
    const pharos = await startPharosProcess({ directory, config });
    const listed: unknown = await (await fetch(`${pharos.url}/api/v1/probes`)).json();
    expect(listed).toMatchObject({ total: 1, probes: [{ name: 'good' }] });
    expect(pharos.output()).toContain('a probe of the configuration file cannot run');
    await pharos.stop();
  });
});

describe('pharos serve', () => {
  it('does not start on a wrong file, and says what is wrong', async () => {
    const { code, output } = await runPharos(['serve', '--config', await file('web: {port: eighty}\n')]);
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/pharos\.yaml:1:7: web\.port: .*expected number/),
    ]);
    const missing = await runPharos(['serve', '--config', join(directory, 'none.yaml')]);
    expect([missing.code, missing.output]).toEqual([1, expect.stringContaining('none.yaml: cannot be read')]);
  });

  it('stops gracefully although a browser holds a socket it opened in advance', async () => {
    const pharos = await startPharosProcess({ directory });
    const socket = connect(Number(new URL(pharos.url).port), '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    expect([await pharos.stop('SIGTERM'), pharos.output()]).toEqual([
      0,
      expect.not.stringContaining('did not stop cleanly'),
    ]);
    socket.destroy();
  });

  it('reads .env beside the file, under the environment', async () => {
    await writeFile(join(directory, '.env'), 'PHAROS_PORT=notaport\n');
    const path = await file('{}');
    expect((await runPharos(['check', 'config', path])).output).toContain(
      'environment PHAROS_PORT: web.port: "notaport" is not a number',
    );
    expect((await runPharos(['check', 'config', path], { PHAROS_PORT: '9000' })).code).toBe(0);
  });
});

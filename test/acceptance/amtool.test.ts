import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readAlertmanagerConfig } from '../../packages/server/src/alerts/config/read-file.ts';
import { labelSet } from '../../packages/server/src/alerts/labels/label-set.ts';
import { matchingRoutes, routeTree } from '../../packages/server/src/alerts/routes/tree.ts';
import { type PharosAlertmanager, startTestAlertmanager } from '../support/alertmanager.ts';
import { peerBinary } from '../support/peers.ts';
import { FILES, TREES } from './differential/alertmanager-files.ts';

const amtool = await peerBinary('amtool');
if (amtool.path === null) console.log(`skipped: ${amtool.reason}`);
const run = promisify(execFile);

/** What amtool says; null when it ends with an error. */
async function ask(args: readonly string[]): Promise<string | null> {
  try {
    return (await run(amtool.path ?? '', args)).stdout;
  } catch {
    return null;
  }
}

describe.skipIf(amtool.path === null)('amtool and Pharos', () => {
  let folder: string;
  let pharos: PharosAlertmanager;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pharos-amtool-'));
    pharos = await startTestAlertmanager('route: { receiver: a }\nreceivers: [ { name: a } ]\n');
  });
  afterAll(async () => {
    await pharos.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it(`agree on ${Object.keys(FILES).length} kinds of configuration, good and bad`, async () => {
    const verdicts = await Promise.all(
      Object.entries(FILES).map(async ([name, text], index) => {
        const file = join(folder, `${index}.yml`);
        await writeFile(file, text);
        const theirs = (await ask(['check-config', file])) !== null;
        return { name, theirs, ours: readAlertmanagerConfig(file).ok };
      }),
    );
    expect(verdicts.filter(({ theirs, ours }) => theirs !== ours)).toEqual([]);
    expect(verdicts.filter(({ ours }) => ours).length).toBeGreaterThanOrEqual(20);
    expect(verdicts.filter(({ ours }) => !ours).length).toBeGreaterThan(20);
  });

  it('agree on the way of labels through routes', async () => {
    for (const [index, { config, labels }] of TREES.entries()) {
      const file = join(folder, `tree-${index}.yml`);
      await writeFile(file, config);
      const loaded = readAlertmanagerConfig(file);
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
      const root = routeTree(loaded.config.route);
      for (const one of labels) {
        const pairs = Object.entries(one);
        const words = pairs.map(([name, value]) => `${name}=${value}`);
        const theirs = await ask(['config', 'routes', 'test', `--config.file=${file}`, ...words]);
        const ours = matchingRoutes(root, labelSet(pairs)).map(({ options }) => options.receiver);
        expect([one, ours.join(',')]).toEqual([one, theirs?.trim()]);
      }
    }
  });

  it('add, list, silence and expire alerts', async () => {
    const amtoolTo = async (...args: string[]): Promise<string> => {
      const answer = await ask([`--alertmanager.url=${pharos.url}`, ...args]);
      if (answer === null) throw new Error(`amtool ${args.join(' ')} failed`);
      return answer;
    };
    await amtoolTo('alert', 'add', 'alertname=Down', 'host=x', '--annotation=summary=it is down');
    await amtoolTo('alert', 'add', 'alertname=Slow', 'host=x');
    const listed = z.array(z.looseObject({ labels: z.record(z.string(), z.string()) }));
    const names = async (...args: string[]): Promise<readonly (string | undefined)[]> =>
      listed
        .parse(JSON.parse(await amtoolTo('alert', 'query', '-o', 'json', ...args)))
        .map(({ labels }) => labels['alertname'])
        .sort();
    expect(await names()).toEqual(['Down', 'Slow']);
    expect(await names('alertname=~D.*')).toEqual(['Down']);
    const id = (
      await amtoolTo('silence', 'add', 'alertname=Down', '-c', 'why', '-a', 'me', '-d', '1h')
    ).trim();
    expect(await names()).toEqual(['Slow']);
    expect(await names('--silenced')).toEqual(['Down']);
    expect((await amtoolTo('silence', 'query', '-q')).trim()).toBe(id);
    await amtoolTo('silence', 'update', '-d', '2h', id);
    await amtoolTo('silence', 'expire', id);
    expect(await names()).toEqual(['Down', 'Slow']);
    expect((await amtoolTo('silence', 'query', '-q', '--expired')).trim()).toBe(id);
    expect(await amtoolTo('config', 'show')).toContain('receiver: a');
    expect(await amtoolTo('config', 'routes', 'test', 'alertname=x')).toBe('a\n');
  });
});

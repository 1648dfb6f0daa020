import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createFileDiscoverer, parseTargetFile } from './file.ts';
import type { TargetGroup } from './types.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-sd-'));
});
afterEach(() => rm(folder, { recursive: true }));

function watch(files: string[]) {
  const clock = new ManualClock();
  const updates: string[][] = [];
  const warn = vi.fn();
  const failures: string[] = [];
  const discoverer = createFileDiscoverer(
    { files: files.map((file) => join(folder, file)), refresh_interval: 300_000 },
    { clock, log: { ...silentLog, warn }, onFailure: (mechanism) => failures.push(mechanism) },
  );
  discoverer.start((groups) => updates.push(groups.map(groupText)));
  return { clock, updates, discoverer, failures, warn };
}

function groupText(group: TargetGroup): string {
  const targets = group.targets.map((target) => target['__address__']).join(',');
  const own = Object.entries(group.labels).filter(([name]) => name !== '__meta_filepath');
  return `${targets} ${own.map(([name, value]) => `${name}=${value}`).join(',')}`.trim();
}

let stamp = 1_000;
async function write(name: string, text: string): Promise<void> {
  const draft = join(folder, `${name}.draft`);
  await writeFile(draft, text);
  // The clock of the file system is coarser than the test is fast.
  await utimes(draft, ++stamp, stamp);
  await rename(draft, join(folder, name));
}

describe('file_sd_configs', () => {
  it('reads JSON and YAML by name and pattern, follows changes, and keeps the last good state of a bad file', async () => {
    await write('one.json', '[{"targets":["a:1","b:1"],"labels":{"zone":"x"}}]');
    await write('two.yml', '- targets: ["c:1"]\n');
    const { clock, updates, discoverer, failures, warn } = watch(['*.json', 'two.yml', 'later.yaml']);
    await vi.waitFor(() => expect(updates).toEqual([['a:1,b:1 zone=x', 'c:1']]), { timeout: 30_000 });

    await write('one.json', '[{"targets":["a:2"]}]');
    await vi.waitFor(
      async () => {
        await clock.advance(5_000);
        expect(updates.at(-1)).toEqual(['a:2', 'c:1']);
      },
      { timeout: 30_000 },
    );
    await write('one.json', '[{"targets":["a:3"');
    await vi.waitFor(
      async () => {
        await clock.advance(5_000);
        expect(failures.length).toBeGreaterThan(2);
      },
      { timeout: 30_000 },
    );
    expect(updates.at(-1)).toEqual(['a:2', 'c:1']);
    expect(warn).toHaveBeenCalledTimes(1);

    await write('later.yaml', '[{targets: ["d:1"]}]');
    await rm(join(folder, 'one.json'));
    await vi.waitFor(
      async () => {
        await clock.advance(5_000);
        expect(updates.at(-1)).toEqual(['c:1', 'd:1']);
      },
      { timeout: 30_000 },
    );
    discoverer.stop();
    const before = updates.length;
    await write('two.yml', '[]');
    await clock.advance(60_000);
    expect(updates).toHaveLength(before);
  });

  it('answers at once, with nothing, when no file is there', async () => {
    const { updates, discoverer, failures } = watch(['none.json', 'none-*.yml']);
    await vi.waitFor(() => expect(updates).toEqual([[]]), { timeout: 30_000 });
    expect(failures).toEqual([]);
    discoverer.stop();
  });

  it.each([
    ['x.json', '{"targets":[]}', 'the file: '],
    ['x.yml', '- targets: a\n', '0.targets: '],
    ['x.yml', '- targets: []\n  label: {}\n', '0: '],
    ['x.yml', '- targets: [""]\n', '0.targets.0: '],
    ['x.yml', '&a [*a]', '0: '],
  ])('refuses %s with %j', (path, text, message) => {
    expect(() => parseTargetFile(path, text)).toThrow(message);
  });

  it('reads an empty file as no targets, and fails only by throwing', () => {
    expect(parseTargetFile('x.yml', '')).toEqual([]);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.constantFrom('x.json', 'x.yml'), (text, path) => {
        try {
          parseTargetFile(path, text);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
        expect(({} as { targets?: unknown }).targets).toBeUndefined();
      }),
    );
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesSchema } from './config.ts';
import { discoverFiles, restAfter } from './discover.ts';

describe('looking for files', () => {
  it('takes a small part of the time, and is not put off for minutes by a machine that is busy', () => {
    expect(restAfter(20)).toBe(400);
    expect(restAfter(60_000)).toBe(15_000);
  });

  it('finds each file once, by the first rule that names it, however many there are', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'discover-'));
    try {
      const names = Array.from({ length: 150 }, (_, i) => `app-${String(i).padStart(3, '0')}.log`);
      for (const name of [...names, 'app-000.log.gz', 'other.txt'])
        await writeFile(join(directory, name), '');
      const { follow } = filesSchema.parse({
        roots: [directory],
        follow: [
          { paths: [`${directory}/app-00*.log*`], service: 'first' },
          { paths: [`${directory}/*.log`, `${directory}/app*`], service: 'second' },
        ],
      });
      const found = await discoverFiles(follow);
      expect(found.map(({ path }) => path.slice(directory.length + 1)).sort()).toEqual(names);
      expect(found.filter(({ rule }) => rule.service === 'first')).toHaveLength(10);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

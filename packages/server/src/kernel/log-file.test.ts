import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLog } from './log.ts';
import { LogFile, teed } from './log-file.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'log-file-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

it('holds the lines that go elsewhere too, after what it has', () => {
  const path = join(directory, 'deep', 'own.log');
  const lines: string[] = [];
  const file = new LogFile(path, () => expect.unreachable());
  const log = createLog('info', teed([{ write: (line) => lines.push(line) }, file]));
  log.info({ token: 'abc' }, 'hello');
  log.debug({}, 'not said');
  file.close();
  expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
  expect(JSON.parse(lines.join(''))).toMatchObject({ level: 'info', msg: 'hello', token: '***' });
  const again = new LogFile(path, () => expect.unreachable());
  again.write('more\n');
  again.close();
  expect(readFileSync(path, 'utf8')).toBe(`${lines.join('')}more\n`);
});

it('is one of two files when it is full', () => {
  const path = join(directory, 'own.log');
  const file = new LogFile(path, () => expect.unreachable(), 10);
  for (const line of ['aaaa\n', 'bbbb\n', 'cccc\n', 'dddd\n', 'eeee\n']) file.write(line);
  file.close();
  expect([readFileSync(path, 'utf8'), readFileSync(`${path}.1`, 'utf8')]).toEqual(['eeee\n', 'cccc\ndddd\n']);
});

it('says once that it cannot be written', () => {
  writeFileSync(join(directory, 'taken'), '');
  const failures: unknown[] = [];
  const file = new LogFile(join(directory, 'taken', 'own.log'), (error) => failures.push(error));
  file.write('a\n');
  file.write('b\n');
  expect(failures).toHaveLength(1);
});

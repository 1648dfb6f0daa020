import { resolve } from 'node:path';
import process from 'node:process';
import type { PharosConfig } from './config.ts';
import { createLog, type Log } from './kernel/log.ts';
import { LogFile, teed } from './kernel/log-file.ts';
import type { LogRing } from './kernel/log-ring.ts';

/** The log on standard error and in memory, and in its file where there is to be one. */
export function ownLog({ log: { level, file }, storage }: PharosConfig, newest: LogRing): Log {
  const both = [process.stderr, newest];
  const plain = createLog(level, teed(both));
  if (file === null) return plain;
  const path = resolve(storage.path, file);
  const failed = (err: unknown): void => plain.warn({ err, path }, 'the log file cannot be written');
  return createLog(level, teed([...both, new LogFile(path, failed)]));
}

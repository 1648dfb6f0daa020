import { resolve } from 'node:path';
import process from 'node:process';
import type { PharosConfig } from './config.ts';
import { createLog, type Log } from './kernel/log.ts';
import { LogFile, teed } from './kernel/log-file.ts';

/** The log on standard error, and in its file where there is to be one. */
export function ownLog({ log: { level, file }, storage }: PharosConfig): Log {
  const plain = createLog(level);
  if (file === null) return plain;
  const path = resolve(storage.path, file);
  const failed = (err: unknown): void => plain.warn({ err, path }, 'the log file cannot be written');
  return createLog(level, teed([process.stderr, new LogFile(path, failed)]));
}

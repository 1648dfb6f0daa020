import { join, resolve } from 'node:path';
import { z } from 'zod';
import { PharosError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { reasonOf } from './admission.ts';
import { dataDirectoryErrors } from './errors.ts';
import { errorCode, type FileSystem, nodeFileSystem, readWhole, replaceDurably } from './fs.ts';
import { takeLock } from './lock.ts';
import { type ProcessTable, systemProcesses } from './process-table.ts';

/**
 * Version of what the directory holds. Rises only when an older Pharos could not read a newer directory: since 2 the journal's
 * samples are packed.
 */
const DATA_FORMAT = 2;

const FORMAT_FILE = 'format.json';
const formatSchema = z.looseObject({ format: z.number().int().positive() });

/** A data directory that this process owns until `release`. */
export interface DataDirectory {
  readonly path: string;
  readonly journal: string;
  readonly state: string;
  /** The state of alerts: silences, what fires, notifications that wait. */
  readonly alerts: string;
  readonly quarantine: string;
  /** The embedded engine's own files. */
  readonly engine: string;
  release(): Promise<void>;
}

export interface DataDirectoryOptions {
  readonly path: string;
  readonly log: Log;
  readonly fs?: FileSystem;
  readonly processes?: ProcessTable;
}

/**
 * Makes the directory when it is missing, locks it against a second process, and checks its format. Rejects with a
 * `dataDirectoryErrors` entry whose message is one clear line: locked (by which process), newer (than this version
 * reads), unusable (permissions, read-only, no space, not a directory).
 */
export async function openDataDirectory(options: DataDirectoryOptions): Promise<DataDirectory> {
  const fs = options.fs ?? nodeFileSystem;
  const path = resolve(options.path);
  try {
    await fs.makeDirectory(path);
    const found = await checkFormat(fs, path);
    const processes = options.processes ?? systemProcesses;
    const release = await takeLock({ fs, directory: path, processes, log: options.log });
    if (found !== DATA_FORMAT)
      await replaceDurably(fs, formatFile(path), Buffer.from(`${JSON.stringify({ format: DATA_FORMAT })}\n`));
    const inside = (name: string): string => join(path, name);
    const directories = {
      journal: inside('journal'),
      state: inside('state'),
      alerts: inside('alerts'),
      quarantine: inside('quarantine'),
      engine: inside('engine'),
    };
    for (const directory of Object.values(directories)) await fs.makeDirectory(directory);
    return { path, ...directories, release };
  } catch (error) {
    if (error instanceof PharosError) throw error;
    throw dataDirectoryErrors.make('unusable', `cannot use the data directory ${path}: ${explain(error)}`, {
      cause: error,
    });
  }
}

function formatFile(directory: string): string {
  return join(directory, FORMAT_FILE);
}

/** The directory's format, undefined when it has none yet. */
async function checkFormat(fs: FileSystem, path: string): Promise<number | undefined> {
  const file = formatFile(path);
  const found = await readFormat(fs, file);
  if (found === null) {
    throw dataDirectoryErrors.make(
      'unusable',
      `${file} is damaged: expected {"format": <number>}. Restore it, or remove it if this Pharos wrote the directory.`,
    );
  }
  if (found !== undefined && found > DATA_FORMAT) {
    throw dataDirectoryErrors.make(
      'newer',
      `the data directory ${path} has format ${found}, this version reads up to ${DATA_FORMAT}. Start the Pharos that wrote it, or a newer one.`,
    );
  }
  return found;
}

/** Undefined when there is no file, null when it is no format file. */
async function readFormat(fs: FileSystem, file: string): Promise<number | null | undefined> {
  try {
    const text = Buffer.from(await readWhole(fs, file, 4096)).toString('utf8');
    const parsed = formatSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.format : null;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  EACCES: `this user may not write there. Change its owner, or choose another with storage.path.`,
  EPERM: `this user may not write there. Change its owner, or choose another with storage.path.`,
  EROFS: 'the disk is mounted read-only.',
  ENOSPC: 'the disk is full.',
  EDQUOT: 'the disk quota is used up.',
  ENOTDIR: 'a part of the path is not a directory.',
  EEXIST: 'there is a file of that name.',
};

function explain(error: unknown): string {
  return EXPLANATIONS[errorCode(error) ?? ''] ?? reasonOf(error);
}

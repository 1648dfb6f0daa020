import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Labels } from '@pharos/promql';
import type { Clock } from '../../../kernel/clock.ts';
import type { Log } from '../../../kernel/log.ts';
import type { FileRule, FilesConfig } from './config.ts';
import { type SavedFile, START } from './cursor.ts';
import { discoverFiles, type FoundFile, fileLabels, insideRoots } from './discover.ts';
import type { FilePositions } from './positions.ts';
import { FileTail, fileKey } from './tail.ts';
import type { FilesTelemetry } from './telemetry.ts';

export interface CatalogueDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly config: FilesConfig;
  readonly telemetry: FilesTelemetry;
  readonly positions: FilePositions;
}

/** A file that is followed, and as what. */
export interface Followed {
  readonly tail: FileTail;
  readonly rule: FileRule;
  readonly labels: Labels;
}

/** A file without a name, or under another, is let go of when it has been still for so long. */
const GONE_MS = 60_000;
/** Open files that are still are closed. */
const CLOSE_MS = 60_000;
const MOST_OPEN = 500;
/** Of files that were cut off, for copies that appear after it. */
const MOST_FORMER = 100;
/** Fewer bytes do not tell a copy from another file. */
const LEAST_COPY = 64;
const MOST_REFUSED = 10_000;

/** Which files are followed: found by patterns again and again, known by device and inode whatever they are called. */
export class FileCatalogue {
  readonly #deps: CatalogueDeps;
  readonly #telemetry: FilesTelemetry;
  readonly #files = new Map<string, Followed>();
  /** Cut off: what a copy of them begins with. */
  #former: SavedFile[] = [];
  readonly #refused = new Set<string>();
  #isInside: (real: string) => boolean = () => false;
  #isFirst = true;

  constructor(deps: CatalogueDeps) {
    this.#deps = deps;
    this.#telemetry = deps.telemetry;
  }

  get all(): readonly Followed[] {
    return [...this.#files.values()];
  }

  get open(): readonly Followed[] {
    return this.all.filter(({ tail }) => tail.isOpen);
  }

  /** A file has less than was read of it: it begins anew. What it was is kept for a copy of it. */
  cutOff(tail: FileTail): void {
    this.#former = [tail.saved, ...this.#former].slice(0, MOST_FORMER);
    tail.restore({ cursor: START, head: 0, tail: 0 });
    this.#telemetry.events.inc({ event: 'truncated' });
  }

  /** Known files are seen again, perhaps under another name; new ones begin. */
  async discover(): Promise<void> {
    this.#isInside = await insideRoots(this.#deps.config.roots);
    const found = await discoverFiles(this.#deps.config.follow);
    const keys = new Set(found.map(({ key }) => key));
    const missing = new Map<string, SavedFile>();
    for (const [key, { tail }] of this.#files) {
      if (tail.listed && !keys.has(key)) {
        this.#telemetry.events.inc({ event: 'unlisted' });
        if (!tail.isOpen) missing.set(key, tail.saved);
      }
      tail.listed = keys.has(key);
    }
    for (const file of found) {
      const known = this.#files.get(file.key);
      if (known === undefined) await this.#admit(file);
      else await this.#seen(known, file);
    }
    if (this.#isFirst)
      for (const [key, { file }] of this.#deps.positions.entries())
        if (!keys.has(key)) missing.set(key, file);
    this.#isFirst = false;
    await this.#findRenamed(missing);
  }

  /** A closed file is opened when it looks changed, under the name it has now. */
  async #seen({ tail }: Followed, { path, size, modified }: FoundFile): Promise<void> {
    if (tail.isOpen || (tail.size === size && tail.modified === modified)) return;
    try {
      tail.renamed(await realpath(path));
      if (!(await tail.open(this.#isInside))) this.#refuse(path, 'outside_roots');
    } catch {
      this.#refuse(path, 'unreadable');
    }
  }

  async #admit(found: FoundFile): Promise<void> {
    const { clock, config, log } = this.#deps;
    try {
      const real = await realpath(found.path);
      if (!this.#isInside(real)) return this.#refuse(found.path, 'outside_roots');
      if (this.#files.size >= config.max_files) return this.#refuse(found.path, 'too_many');
      const tail = new FileTail(found.key, found.path, real, clock.monotonic());
      if (!(await tail.open(this.#isInside))) return this.#refuse(found.path, 'outside_roots');
      const { size } = await tail.look();
      await this.#begin(tail, found, size);
      const labels = Labels.fromRecord(fileLabels(tail.path, found.rule));
      this.#files.set(found.key, { tail, rule: found.rule, labels });
      this.#refused.delete(found.path);
      this.#telemetry.events.inc({ event: 'found' });
    } catch (error) {
      log.debug({ err: error, path: found.path }, 'a file cannot be followed');
      this.#refuse(found.path, 'unreadable');
    }
  }

  /** Where a file that is not followed yet is begun: at its saved position, behind what its original brought, or as its rule says. */
  async #begin(tail: FileTail, found: FoundFile, size: number): Promise<void> {
    const saved = this.#deps.positions.get(found.key);
    if (saved !== undefined && (await tail.isLike(saved, size))) {
      tail.restore(saved);
      return;
    }
    for (const original of this.#originals(dirname(found.path)))
      if (original.cursor.offset >= LEAST_COPY && (await tail.isLike(original, size))) {
        tail.restore(original);
        this.#telemetry.events.inc({ event: 'copied' });
        return;
      }
    if (this.#isFirst && found.rule.from === 'end' && saved === undefined) await tail.jump(size);
  }

  /** What is known of other files of a directory; those that were cut off first. */
  #originals(directory: string): SavedFile[] {
    const all = [...this.#former, ...[...this.#files.values()].map(({ tail }) => tail.saved)];
    return all.filter(({ path }) => dirname(path) === directory).slice(0, 200);
  }

  /** Files that nobody looked at while they were renamed away from all patterns: they are looked for in the directory they were in. */
  async #findRenamed(files: ReadonlyMap<string, SavedFile>): Promise<void> {
    const { config } = this.#deps;
    const byDirectory = new Map<string, Map<string, SavedFile>>();
    for (const [key, file] of files) {
      const directory = dirname(file.path);
      const missing = byDirectory.get(directory) ?? new Map<string, SavedFile>();
      byDirectory.set(directory, missing.set(key, file));
    }
    for (const [directory, missing] of byDirectory) {
      for (const name of (await readdir(directory).catch(() => [])).slice(0, config.max_files)) {
        const path = join(directory, name);
        const about = await stat(path, { bigint: true }).catch(() => null);
        const file = about?.isFile() === true ? missing.get(fileKey(about)) : undefined;
        const rule = config.follow.find(({ paths }) => paths.some((pattern) => isUnder(pattern, directory)));
        if (
          about === null ||
          file === undefined ||
          rule === undefined ||
          Number(about.size) <= file.cursor.offset
        )
          continue;
        await this.#resume(fileKey(about), path, file, rule);
      }
    }
  }

  async #resume(key: string, path: string, file: SavedFile, rule: FileRule): Promise<void> {
    const { clock } = this.#deps;
    try {
      const real = await realpath(path);
      const tail = new FileTail(key, file.path, real, clock.monotonic());
      if (!this.#isInside(real) || !(await tail.open(this.#isInside))) return;
      if (!(await tail.isLike(file, (await tail.look()).size))) return await tail.close();
      tail.restore(file);
      tail.listed = false;
      this.#files.set(key, { tail, rule, labels: Labels.fromRecord(fileLabels(file.path, rule)) });
      this.#telemetry.events.inc({ event: 'renamed' });
    } catch {
      this.#refuse(path, 'unreadable');
    }
  }

  #refuse(path: string, reason: 'outside_roots' | 'too_many' | 'unreadable'): void {
    if (this.#refused.has(path)) return;
    if (this.#refused.size > MOST_REFUSED) this.#refused.clear();
    this.#refused.add(path);
    this.#telemetry.refused.inc({ reason });
    this.#deps.log.warn({ path, reason }, 'a file is not followed');
  }

  /** Closes what is still, and forgets what is gone. */
  async tidy(): Promise<void> {
    const { clock } = this.#deps;
    const files = [...this.#files].sort(([, a], [, b]) => a.tail.changedAt - b.tail.changedAt);
    let open = files.filter(([, { tail }]) => tail.isOpen).length;
    for (const [key, { tail }] of files) {
      const still = clock.monotonic() - tail.changedAt;
      const isRead = tail.cursor.offset >= tail.size;
      if (!tail.listed && isRead && still > GONE_MS) {
        await tail.close();
        this.#files.delete(key);
        this.#telemetry.events.inc({ event: 'gone' });
      } else if (tail.isOpen && tail.listed && isRead && (still > CLOSE_MS || open > MOST_OPEN)) {
        await tail.close();
        open--;
      }
    }
  }
}

function isUnder(pattern: string, directory: string): boolean {
  const fixed = pattern.split(/[*?[{]/, 1)[0] ?? '';
  return `${directory}/`.startsWith(fixed.slice(0, fixed.lastIndexOf('/') + 1));
}

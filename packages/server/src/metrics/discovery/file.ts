import { readFile, stat } from 'node:fs/promises';
import { parse } from 'yaml';
import type { Clock, Timer } from '../../kernel/clock.ts';
import { filesNamed } from '../../kernel/config/paths.ts';
import type { Log } from '../../kernel/log.ts';
import { type FileSdConfig, targetGroupsSchema } from './config.ts';
import { groupsOf } from './static.ts';
import type { Discoverer, TargetGroup } from './types.ts';

export interface FileDiscoveryDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly onFailure: (mechanism: string) => void;
}

/** Files are looked at this often for a changed time or size; the refresh interval re-reads them regardless. */
const POLL_MS = 5_000;

interface KnownFile {
  /** Modification time and size when last read. */
  stamp: string;
  groups: readonly TargetGroup[];
}

/**
 * `file_sd_configs`: target groups from JSON and YAML files named by paths with at most one `*` in the last part. A changed
 * file is read again; a bad one keeps its last good groups, and is logged and counted; a removed one takes its targets away.
 */
export function createFileDiscoverer(config: FileSdConfig, deps: FileDiscoveryDeps): Discoverer {
  const { clock, log } = deps;
  const known = new Map<string, KnownFile>();
  /** Files that are bad now, with what was said about them: said once, not on every poll. */
  const failing = new Map<string, string>();
  let timer: Timer | null = null;
  let stopped = false;
  let lastFull = Number.NEGATIVE_INFINITY;

  const readOne = async (path: string, everything: boolean): Promise<boolean> => {
    const before = known.get(path);
    try {
      const info = await stat(path);
      const stamp = `${info.mtimeMs}/${info.size}`;
      if (!everything && before?.stamp === stamp) return false;
      const groups = parseTargetFile(path, await readFile(path, 'utf8'));
      known.set(path, { stamp, groups });
      failing.delete(path);
      return true;
    } catch (error) {
      if (isMissing(error)) return known.delete(path);
      deps.onFailure('file');
      const message = error instanceof Error ? error.message : String(error);
      if (failing.get(path) !== message) {
        log.warn({ file: path, error: message }, 'targets could not be read; the last good ones stay');
      }
      failing.set(path, message);
      return false;
    }
  };

  const refresh = async (): Promise<boolean> => {
    const everything = clock.monotonic() - lastFull >= config.refresh_interval;
    if (everything) lastFull = clock.monotonic();
    const paths = new Set((await Promise.all(config.files.map(filesNamed))).flat());
    let changed = false;
    for (const path of known.keys()) if (!paths.has(path)) changed = known.delete(path) || changed;
    for (const path of paths) changed = (await readOne(path, everything)) || changed;
    return changed;
  };

  const round = async (update: (groups: readonly TargetGroup[]) => void, first: boolean): Promise<void> => {
    const changed = await refresh();
    if (stopped) return;
    if (changed || first) update([...known.values()].flatMap((file) => file.groups));
    timer = clock.after(Math.min(POLL_MS, config.refresh_interval), () => void round(update, false));
  };

  return {
    start: (update) => void round(update, true),
    stop: () => {
      stopped = true;
      timer?.cancel();
    },
  };
}

/** The groups of one file, each labelled `__meta_filepath`. Throws with the reason when the file is not a list of groups. */
export function parseTargetFile(path: string, text: string): TargetGroup[] {
  const content: unknown = path.toLowerCase().endsWith('.json')
    ? JSON.parse(text)
    : parse(text, { maxAliasCount: 100 });
  const result = targetGroupsSchema.safeParse(content ?? []);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new TypeError(`${(issue?.path ?? []).join('.') || 'the file'}: ${issue?.message}`);
  }
  return groupsOf(result.data, path).map((group) => ({
    ...group,
    labels: { ...group.labels, __meta_filepath: path },
  }));
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

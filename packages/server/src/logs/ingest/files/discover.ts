import { realpath, stat } from 'node:fs/promises';
import { basename, sep } from 'node:path';
import type { FileRule, FilesConfig } from './config.ts';
import { expandGlob, matchesGlob } from './glob.ts';
import { fileKey } from './tail.ts';

/** A regular file that a rule names. */
export interface FoundFile {
  readonly key: string;
  readonly path: string;
  readonly rule: FileRule;
  readonly size: number;
  readonly modified: number;
}

/** Files are often packed when they are old; their bytes are no lines. */
const PACKED = /\.(?:gz|bz2|xz|zst|zip|lz4|7z)$/i;

/** Looking for files may take this part of the time, */
const SHARE = 20;
/** but the next look comes so soon: on a busy machine it is others that a look waits for, and a file may come and go meanwhile. */
const LONGEST_REST_MS = 15_000;

/** How long not to look for files after a look that took so long, in ms. */
export function restAfter(lookMs: number): number {
  return Math.min(lookMs * SHARE, LONGEST_REST_MS);
}

/** Files that are asked about at once: one after the other, each would wait for a turn of a busy process. */
const AT_ONCE = 64;

/** The files of all rules, each once: by the first rule that names it. */
export async function discoverFiles(follow: readonly FileRule[]): Promise<FoundFile[]> {
  const found = new Map<string, FoundFile>();
  for (const rule of follow)
    for (const pattern of rule.paths) {
      const paths = (await expandGlob(pattern)).filter(
        (path) => !PACKED.test(path) && !rule.exclude.some((other) => matchesGlob(path, other)),
      );
      for (let at = 0; at < paths.length; at += AT_ONCE)
        for (const file of await Promise.all(paths.slice(at, at + AT_ONCE).map((path) => lookAt(path, rule))))
          if (file !== null && !found.has(file.key)) found.set(file.key, file);
    }
  return [...found.values()];
}

async function lookAt(path: string, rule: FileRule): Promise<FoundFile | null> {
  const about = await stat(path, { bigint: true }).catch(() => null);
  if (about === null || !about.isFile()) return null;
  return { key: fileKey(about), path, rule, size: Number(about.size), modified: Number(about.mtimeMs) };
}

/** Judges real paths: inside one of the roots, whatever links led there. */
export async function insideRoots(roots: FilesConfig['roots']): Promise<(real: string) => boolean> {
  const resolved = await Promise.all(roots.map((root) => realpath(root).catch(() => root)));
  return (real) =>
    // The kernel's note on a file that has no name any more.
    resolved.some((root) => real.startsWith(root.endsWith(sep) ? root : root + sep));
}

/** `<namespace>_<pod>_<uid>/<container>/<n>.log` (kubelet). */
const POD = /\/([^/_]+)_([^/_]+)_[0-9a-fA-F-]+\/([^/]+)\/\d+\.log(?:\.|$)/;

/** Labels of a file's lines: the rule's own, what the path tells of a pod, a service from the name, and the path. */
export function fileLabels(path: string, rule: FileRule): Record<string, string> {
  const pod = POD.exec(path);
  const [namespace = '', name = '', container = ''] = pod === null ? [] : pod.slice(1);
  const own: Record<string, string> =
    pod === null
      ? { service_name: serviceOf(path) }
      : { namespace, pod: name, container, service_name: container };
  const named = rule.service === undefined ? {} : { service_name: rule.service };
  return { filename: path, ...own, ...named, ...rule.labels };
}

/** `/var/log/shop/cart.log` is of `cart`. */
function serviceOf(path: string): string {
  return basename(path).replace(/(?:-json)?\.(?:log|json|txt|out|err)\b.*$/, '') || basename(path);
}

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

/** The files of all rules, each once: by the first rule that names it. */
export async function discoverFiles(follow: readonly FileRule[]): Promise<FoundFile[]> {
  const found = new Map<string, FoundFile>();
  for (const rule of follow)
    for (const pattern of rule.paths)
      for (const path of await expandGlob(pattern)) {
        if (PACKED.test(path) || rule.exclude.some((other) => matchesGlob(path, other))) continue;
        const about = await stat(path, { bigint: true }).catch(() => null);
        if (about === null || !about.isFile()) continue;
        const key = fileKey(about);
        if (!found.has(key))
          found.set(key, { key, path, rule, size: Number(about.size), modified: Number(about.mtimeMs) });
      }
  return [...found.values()];
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

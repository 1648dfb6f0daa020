import { readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';

/** Below these, names are the user's own. */
const FREE_NAMES: ReadonlySet<string> = new Set(['labels', 'params', 'headers']);

/** A part of a configuration file whose relative paths (`*_file`, `files`) begin where the file lies, as Prometheus reads them. */
export function besideFile(value: unknown, directory: string): unknown {
  const from = (path: unknown): unknown =>
    typeof path === 'string' && path !== '' && !isAbsolute(path) ? join(directory, path) : path;
  if (Array.isArray(value)) return value.map((item: unknown) => besideFile(item, directory));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => {
      if (FREE_NAMES.has(key)) return [key, inner];
      if (key.endsWith('_file')) return [key, from(inner)];
      if (key === 'files' && Array.isArray(inner)) return [key, inner.map(from)];
      return [key, besideFile(inner, directory)];
    }),
  );
}

/** A list of paths, which begin where the file lies; anything else stays as it is. */
export function itemsBesideFile(value: unknown, directory: string): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((path: unknown) =>
    typeof path === 'string' && path !== '' && !isAbsolute(path) ? join(directory, path) : path,
  );
}

/** The files that a path with at most one `*` in its last part names now, sorted. */
export async function filesNamed(pattern: string): Promise<string[]> {
  const name = basename(pattern);
  const star = name.indexOf('*');
  if (star < 0) return [pattern];
  const folder = dirname(pattern);
  try {
    return (await readdir(folder))
      .filter(
        (file) =>
          file.length >= name.length - 1 &&
          file.startsWith(name.slice(0, star)) &&
          file.endsWith(name.slice(star + 1)),
      )
      .sort()
      .map((file) => join(folder, file));
  } catch {
    return [];
  }
}

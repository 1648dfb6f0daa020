import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, isAbsolute, join, sep } from 'node:path';
import { matchesName } from '../rules/file/glob.ts';
import type { TemplateFile } from '../templates/library.ts';

/** Larger files are no templates, in bytes. */
const MOST_BYTES = 1_048_576;

/** The template files that a path names now, sorted; its parts may have `*`, `?` and `[a-z]`. Throws when one cannot be read. */
export function readTemplateFiles(pattern: string): readonly TemplateFile[] {
  let found = [isAbsolute(pattern) ? sep : ''];
  for (const part of pattern.split('/').filter((name) => name !== ''))
    found = found.flatMap((folder) => namesIn(folder, part));
  return found.filter(isFile).sort().map(readTemplateFile);
}

function namesIn(folder: string, part: string): readonly string[] {
  const at = (name: string): string => (folder === '' ? name : join(folder, name));
  if (!/[*?[\\]/.test(part)) return [at(part)];
  try {
    return readdirSync(folder === '' ? '.' : folder)
      .filter((name) => matchesName(part, name))
      .map(at);
  } catch {
    return [];
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function readTemplateFile(path: string): TemplateFile {
  const { size } = statSync(path);
  if (size > MOST_BYTES) throw new Error(`${path} is longer than ${MOST_BYTES} bytes`);
  return { name: basename(path), text: readFileSync(path, 'utf8') };
}

import { renameSync } from 'node:fs';
import { basename } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** Beneath the packages, where what stays outside is found. */
const CACHE = fileURLToPath(new URL('../../../../../node_modules/.cache/pharos/', import.meta.url));

const built = new Map<string, string>();

/**
 * The sources of a process in one file, as the server's build makes it: from its sources, through a loader, it takes two seconds of the
 * processor to start.
 */
export function bundled(entry: string): string {
  const known = built.get(entry);
  if (known !== undefined) return known;
  const file = `${CACHE}${basename(entry, '.ts')}-of-tests.mjs`;
  const own = `${file}.${process.pid}`;
  buildSync({
    entryPoints: [entry],
    outfile: own,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['chdb', 'esbuild'],
    conditions: ['source'],
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    logLevel: 'warning',
  });
  // Other processes of tests make and run the same.
  renameSync(own, file);
  built.set(entry, file);
  return file;
}

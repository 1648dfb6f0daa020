import { readFileSync } from 'node:fs';

/** Bytes of this process in memory that are its own, without the library's pages; 0 where the system does not say. */
export function anonymousBytes(): number {
  try {
    const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return kib === undefined ? 0 : Number(kib) * 1_024;
  } catch {
    return 0;
  }
}

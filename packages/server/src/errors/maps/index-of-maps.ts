import type { ErrorEvent } from '../event.ts';
import type { StoredMap } from './stored-map.ts';

/** Which map is of which compiled file; of several that are, the newest. */
export class IndexOfMaps {
  readonly #byDebugId = new Map<string, StoredMap>();
  readonly #byRelease = new Map<string, StoredMap[]>();

  /** @param maps the newest first */
  constructor(maps: readonly StoredMap[]) {
    for (const map of maps) {
      if (map.debugId !== '' && !this.#byDebugId.has(map.debugId)) this.#byDebugId.set(map.debugId, map);
      if (map.release === '' || map.file === '') continue;
      const ofRelease = this.#byRelease.get(map.release);
      if (ofRelease === undefined) this.#byRelease.set(map.release, [map]);
      else ofRelease.push(map);
    }
  }

  get isEmpty(): boolean {
    return this.#byDebugId.size === 0 && this.#byRelease.size === 0;
  }

  /** A debug id names one build of one file; else the release and the end of the path do. */
  find({ debugIds, release }: ErrorEvent, file: string): StoredMap | undefined {
    for (const [of, id] of debugIds) {
      const map = of === file ? this.#byDebugId.get(id) : undefined;
      if (map !== undefined) return map;
    }
    const ofRelease = release === '' ? undefined : this.#byRelease.get(release);
    if (ofRelease === undefined) return undefined;
    const plain = file.replaceAll('\\', '/').replace(/[?#].*$/s, '');
    return ofRelease.find(
      ({ file: named }) => plain === named || plain.endsWith(`/${named.replace(/^\.?\//, '')}`),
    );
  }
}

import type { Labels } from '@pharos/promql';
import xxhash from 'xxhash-wasm';

export interface Words {
  readonly low: number;
  readonly high: number;
}

/** The hashes that are part of the stored format: every writer must use the same. */
export interface LogHasher {
  labels(labels: Labels): Words;
  message(bytes: Uint8Array): Words;
}

/** Loads the WebAssembly hash (xxHash64, seed 0) once; the functions are synchronous after that. */
export async function createLogHasher(): Promise<LogHasher> {
  const { h64, h64Raw } = await xxhash();
  return {
    labels(labels) {
      let text = '';
      // Length-prefixed, so that no value can imitate a boundary.
      for (const part of labels.pairs) text += `${part.length}:${part}`;
      return words(h64(text));
    },
    message: (bytes) => words(h64Raw(bytes)),
  };
}

function words(hash: bigint): Words {
  return { low: Number(hash & 0xffffffffn), high: Number(hash >> 32n) };
}

import type { Labels } from '@pharos/promql';
import xxhash from 'xxhash-wasm';

export interface Words {
  readonly low: number;
  readonly high: number;
}

/** The hashes that are part of the stored format: every writer must use the same. */
export interface LogHasher {
  labels(labels: Labels): Words;
  /** Of a message with its structured metadata, names and values in turn. */
  line(message: Uint8Array, metadata: readonly string[]): Words;
}

/** Loads the WebAssembly hash (xxHash64, seed 0) once; the functions are synchronous after that. */
export async function createLogHasher(): Promise<LogHasher> {
  const { h64, h64Raw } = await xxhash();
  return {
    labels: (labels) => words(h64(prefixed(labels.pairs))),
    line: (message, metadata) => {
      const ofMessage = h64Raw(message);
      return words(metadata.length === 0 ? ofMessage : h64(prefixed(metadata), ofMessage));
    },
  };
}

/** Length-prefixed, so that no text can imitate a boundary. */
function prefixed(parts: readonly string[]): string {
  let text = '';
  for (const part of parts) text += `${part.length}:${part}`;
  return text;
}

const whole = new BigUint64Array(1);
const halves = new Uint32Array(whole.buffer);

/** By way of memory: arithmetic on a bigint makes several more. */
function words(hash: bigint): Words {
  whole[0] = hash;
  return { low: halves[0], high: halves[1] };
}

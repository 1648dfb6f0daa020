import { IdentityMixer, textSeed } from '../../kernel/identities.ts';
import type { LineChunk } from './chunk.ts';

const mixer = new IdentityMixer();

/**
 * Tenant, stream, time, message and metadata of each row in 64 bits: what makes a line (compat LP-5, which leaves metadata out; but two
 * requests that say the same in one millisecond differ in nothing else).
 */
export function identitiesOf({
  tenant,
  rows,
  ms,
  nanos,
  streams,
  ids,
}: Pick<LineChunk, 'tenant' | 'rows' | 'ms' | 'nanos' | 'streams' | 'ids'>): Uint32Array {
  const seed = textSeed(tenant);
  const words = new Uint32Array(rows * 2);
  for (let row = 0; row < rows; row++)
    mixer
      .begin(seed)
      .add(streams[row * 2])
      .add(streams[row * 2 + 1])
      .add(ids[row * 2])
      .add(ids[row * 2 + 1])
      .add(ms[row] % 2 ** 32)
      .add(Math.floor(ms[row] / 2 ** 32))
      .add(nanos[row])
      .into(words, row);
  return words;
}

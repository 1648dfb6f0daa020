import type { Clock } from '../../kernel/clock.ts';
import { WriteRequestBuilder } from '../remote-protocol/write-request.ts';
import { type BlockSamples, findBlocks, readBlock } from './block.ts';
import { blockErrors } from './errors.ts';

export interface ImportOptions {
  readonly directory: string;
  /** The server's address, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Sent with every request: credentials, the tenant. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly onBlock?: (block: string, samples: number) => void;
}

/** Samples of one request. */
const BATCH = 10_000;
const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 500;
const MOST_PAUSE_MS = 30_000;

/** Sends every sample of the blocks into a running server; answers how many. Samples that are there already are taken as such, so it can be run again. */
export async function importBlocks(options: ImportOptions): Promise<{ blocks: number; samples: number }> {
  const blocks = await findBlocks(options.directory);
  let total = 0;
  for (const block of blocks) {
    const samples = await sendAll(readBlock(block), options);
    total += samples;
    options.onBlock?.(block, samples);
  }
  return { blocks: blocks.length, samples: total };
}

async function sendAll(chunks: AsyncIterable<BlockSamples>, options: ImportOptions): Promise<number> {
  const builder = new WriteRequestBuilder();
  let samples = 0;
  for await (const chunk of chunks) {
    if (chunk.timestamps.length === 0) continue;
    builder.add(chunk);
    samples += chunk.timestamps.length;
    if (builder.held.samples >= BATCH) await send(builder.take(), options);
  }
  if (builder.held.samples > 0) await send(builder.take(), options);
  return samples;
}

/** Tries again while the server is busy or away; anything else it refuses ends the import. */
async function send(body: Uint8Array, { url, headers, clock, fetch }: ImportOptions): Promise<void> {
  const target = new URL('/api/v1/write', url);
  let problem = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await clock.sleep(Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
    const answer = await fetch(target, {
      method: 'POST',
      body: Buffer.from(body),
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
        'x-pharos-backfill': 'true',
        ...headers,
      },
    }).catch((error: unknown) => {
      problem = error instanceof Error ? error.message : String(error);
      return null;
    });
    if (answer === null) continue;
    if (answer.ok) return;
    problem = `${answer.status} ${(await answer.text()).trim().slice(0, 500)}`;
    if (answer.status !== 429 && answer.status < 500)
      throw blockErrors.make('refused', `${target.origin} refused samples: ${problem}`);
  }
  throw blockErrors.make('unreachable', `${target.origin} took nothing in ${ATTEMPTS} attempts: ${problem}`);
}

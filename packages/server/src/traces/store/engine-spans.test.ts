import { expect, it } from 'vitest';
import { engineErrors } from '../../engine/index.ts';
import { inPages } from './engine-spans.ts';
import type { StoredSpan } from './span.ts';

const NO_BYTES = new Uint8Array(0);

function spanAt(at: number): StoredSpan {
  return {
    traceId: '0'.repeat(32),
    spanId: at.toString(16).padStart(16, '0'),
    parentId: '',
    start: BigInt(at),
    duration: 1,
    kind: 1,
    status: 0,
    service: 's',
    name: 'n',
    source: 1n,
    statusMessage: '',
    traceState: '',
    flags: 0,
    attributes: [],
    events: NO_BYTES,
    links: NO_BYTES,
  };
}

/** Reads spans of which those in `large` weigh a megabyte, from an engine that answers up to sixteen. */
async function read(count: number, large: (at: number) => boolean) {
  const all = Array.from({ length: count }, (_, at) => spanAt(at));
  let [reads, failed] = [0, 0];
  const answer = (size: number, last: StoredSpan | undefined): Promise<readonly StoredSpan[]> => {
    reads++;
    const from = last === undefined ? 0 : Number(last.start) + 1;
    const page = all.slice(from, from + size);
    if (page.filter(({ start }) => large(Number(start))).length <= 16) return Promise.resolve(page);
    failed++;
    return Promise.reject(engineErrors.make('resource', 'too many bytes', { details: { code: 396 } }));
  };
  const { spans } = await inPages(answer, { limit: count, size: 1024, most: 1024 });
  expect(spans.map(({ start }) => Number(start))).toEqual(all.map((_, at) => at));
  return { reads, failed };
}

it('reads in large pages again behind a stretch of large spans', async () => {
  const { reads } = await read(20_000, (at) => at < 100);
  // Twenty pages would do where all are small.
  expect(reads).toBeLessThan(50);
});

it('seldom reads for nothing where all spans are large', async () => {
  const { reads, failed } = await read(4000, () => true);
  expect(failed).toBeLessThan(reads / 10);
});

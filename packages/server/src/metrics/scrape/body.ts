import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { wireErrors } from '../../kernel/wire/errors.ts';
import {
  type NativeSample,
  type ProtobufBodyOptions,
  readProtobufBody,
} from '../ingest/exposition/protobuf.ts';
import { ProtobufBodyError } from '../ingest/exposition/protobuf-fields.ts';
import type { ExpositionFormat } from '../ingest/exposition/scanner.ts';
import type { ExposedBody } from './append.ts';
import type { BodyBuffers } from './body_buffers.ts';
import type { ScrapeProtocol } from './config.ts';
import { scrapeErrors } from './errors.ts';
import type { FetchResponse } from './fetcher.ts';

/** A body with one spare byte behind its end, as the scanner wants it. */
export interface ScrapedBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly length: number;
  /** Bytes as they came over the wire. */
  readonly wireBytes: number;
}

/** A body ready to be parsed, whatever it came in. */
export interface ParsableBody extends ScrapedBody, ExposedBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Tells a protobuf body as text, with its native histograms beside it; text stays as it is. Throws `scrape.parse`. */
export function parsable(
  body: ScrapedBody,
  format: BodyFormat,
  options: ProtobufBodyOptions,
  buffers: BodyBuffers,
): ParsableBody {
  const { bytes, length, wireBytes } = body;
  if (format !== 'protobuf') return { bytes, length, wireBytes, format, natives: NO_NATIVES };
  try {
    const told = readProtobufBody(bytes, length, options);
    return { ...told, wireBytes, format: 'openmetrics' };
  } catch (cause) {
    if (cause instanceof ProtobufBodyError || wireErrors.is(cause, 'malformed'))
      throw scrapeErrors.make('parse', cause.message, { cause });
    throw cause;
  } finally {
    buffers.give(bytes);
  }
}

const NO_NATIVES: readonly NativeSample[] = [];

const unzip = promisify(gunzip);

/**
 * The body of an answer, at most `limit` bytes of it, compressed or not, in one of the buffers. Throws
 * `scrape.body_too_large` or `scrape.encoding`.
 */
export async function readBody(
  response: FetchResponse,
  limit: number,
  buffers: BodyBuffers,
): Promise<ScrapedBody> {
  const { bytes, length } = response;
  const encoding = (response.header('content-encoding') ?? '').trim().toLowerCase();
  if (encoding !== '' && encoding !== 'identity' && encoding !== 'gzip') {
    throw scrapeErrors.make(
      'encoding',
      `the target compressed its answer with "${encoding}"; gzip or none was asked for`,
    );
  }
  if (length > limit) throw tooLarge(limit);
  if (encoding !== 'gzip') return { bytes, length, wireBytes: length };
  const inflated = await inflate(Buffer.from(bytes.buffer, bytes.byteOffset, length), limit);
  buffers.give(bytes);
  const target = buffers.take(inflated.length + 1);
  target.set(inflated);
  return { bytes: target, length: inflated.length, wireBytes: length };
}

async function inflate(compressed: Buffer, limit: number): Promise<Buffer> {
  try {
    // Each full chunk is a round trip to another thread: one that holds the usual whole body costs a third of the CPU.
    const chunkSize = Math.min(Math.max(compressed.length * USUAL_RATIO, MIN_CHUNK), MAX_CHUNK);
    return await unzip(compressed, { maxOutputLength: limit, chunkSize });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(limit);
    throw scrapeErrors.make('encoding', 'the target sent a broken gzip stream', { cause });
  }
}

/** Exposition text repeats itself: gzip makes it 10 to 20 times smaller. */
const USUAL_RATIO = 24;
const MIN_CHUNK = 16 * 1024;
const MAX_CHUNK = 4 * 2 ** 20;

function tooLarge(limit: number): Error {
  return scrapeErrors.make('body_too_large', `the body exceeds ${limit} bytes`);
}

/** What a target can answer in. */
export type BodyFormat = ExpositionFormat | 'protobuf';

/** The format a `Content-Type` announces, or the job's fallback. Throws `scrape.content_type` when there is neither. */
export function formatOf(contentType: string | undefined, fallback: ScrapeProtocol | undefined): BodyFormat {
  const media = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (media === 'text/plain') return 'text';
  if (media === 'application/openmetrics-text') return 'openmetrics';
  if (media === 'application/vnd.google.protobuf') return 'protobuf';
  if (fallback === 'PrometheusProto') return 'protobuf';
  if (fallback !== undefined) return fallback.startsWith('OpenMetrics') ? 'openmetrics' : 'text';
  throw scrapeErrors.make(
    'content_type',
    media === ''
      ? 'the target sent no Content-Type, and the job has no fallback_scrape_protocol'
      : `the target sent the unsupported Content-Type ${JSON.stringify(contentType)}, and the job has no fallback_scrape_protocol`,
  );
}

const MEDIA: Readonly<Record<ScrapeProtocol, string>> = {
  PrometheusProto:
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
  'OpenMetricsText0.0.1': 'application/openmetrics-text;version=0.0.1',
  'OpenMetricsText1.0.0': 'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8',
  'PrometheusText0.0.4': 'text/plain;version=0.0.4',
  'PrometheusText1.0.0': 'text/plain;version=1.0.0;escaping=allow-utf-8',
};

/** The `Accept` header of a preference list, best first, with falling weights and `*` last, as Prometheus writes it. */
export function acceptHeader(protocols: readonly ScrapeProtocol[]): string {
  const weighted = protocols.map(
    (protocol, index) => `${MEDIA[protocol]};q=0.${Math.max(2, protocols.length + 1 - index)}`,
  );
  return [...weighted, '*/*;q=0.1'].join(',');
}

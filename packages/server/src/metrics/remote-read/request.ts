import { createMatcher, type Matcher, MatcherError, type MatchOperator } from '@pharos/promql';
import { ProtobufReader, tagOf, WIRE } from '../../kernel/wire/protobuf.ts';
import { snappyDecode } from '../../kernel/wire/snappy.ts';
import { remoteReadErrors } from './errors.ts';

/** One query of a remote read request; times in ms, both inclusive. */
export interface ReadQuery {
  readonly start: number;
  readonly end: number;
  readonly matchers: readonly Matcher[];
}

export interface ReadRequest {
  readonly queries: readonly ReadQuery[];
  /** The first response type the client names that we have; samples when it names none. */
  readonly responseType: 'samples' | 'streamed_chunks';
}

/** Queries of one request; Prometheus sends one each. */
const MOST_QUERIES = 100;
/** A decoded request is selectors and times only. */
const MOST_BYTES = 1_000_000;

const OPERATORS: readonly MatchOperator[] = ['=', '!=', '=~', '!~'];
const RESPONSE_TYPES = ['samples', 'streamed_chunks'] as const;

/** Decodes `prometheus.ReadRequest` (RR-1) from a snappy block. Fails with `wire` or `remote_read` errors. */
export function decodeReadRequest(body: Uint8Array): ReadRequest {
  const reader = new ProtobufReader().reset(snappyDecode(body, MOST_BYTES));
  const queries: ReadQuery[] = [];
  const accepted: number[] = [];
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.bytes)) queries.push(readQuery(reader));
    else if (tag === tagOf(2, WIRE.varint)) accepted.push(reader.int64());
    else if (tag === tagOf(2, WIRE.bytes)) {
      const end = reader.delimited();
      while (reader.at < end) accepted.push(reader.int64());
    } else reader.skip(tag);
    if (queries.length > MOST_QUERIES)
      throw remoteReadErrors.make('malformed', `a request has at most ${MOST_QUERIES} queries`);
  }
  const responseType = accepted.map((type) => RESPONSE_TYPES[type]).find((type) => type !== undefined);
  if (responseType === undefined && accepted.length > 0)
    throw remoteReadErrors.make(
      'malformed',
      `none of the accepted response types (${accepted.join(', ')}) is known; expected 0 (samples) or 1 (streamed XOR chunks)`,
    );
  return { queries, responseType: responseType ?? 'samples' };
}

function readQuery(reader: ProtobufReader): ReadQuery {
  const end = reader.delimited();
  const query = { start: 0, end: 0 };
  const matchers: Matcher[] = [];
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.varint)) query.start = reader.int64();
    else if (tag === tagOf(2, WIRE.varint)) query.end = reader.int64();
    else if (tag === tagOf(3, WIRE.bytes)) matchers.push(readMatcher(reader));
    else reader.skip(tag);
  }
  return { ...query, matchers };
}

function readMatcher(reader: ProtobufReader): Matcher {
  const end = reader.delimited();
  let type = 0;
  const texts = { name: '', value: '' };
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.varint)) type = reader.int64();
    else if (tag === tagOf(2, WIRE.bytes)) texts.name = textOf(reader);
    else if (tag === tagOf(3, WIRE.bytes)) texts.value = textOf(reader);
    else reader.skip(tag);
  }
  const operator = OPERATORS[type];
  if (operator === undefined) throw remoteReadErrors.make('malformed', `matcher type ${type} is not known`);
  try {
    return createMatcher(texts.name, operator, texts.value);
  } catch (cause) {
    if (cause instanceof MatcherError)
      throw remoteReadErrors.make('malformed', `matcher on ${JSON.stringify(texts.name)}: ${cause.message}`, {
        cause,
      });
    throw cause;
  }
}

function textOf(reader: ProtobufReader): string {
  const text = reader.text();
  if (text === null) throw remoteReadErrors.make('malformed', 'a matcher holds text that is not UTF-8');
  return text;
}

import {
  attributesFromJson,
  checkAttributes,
  fieldOf,
  type OtlpAttributes,
  readAttribute,
} from './otlp-attributes.ts';
import { ProtobufReader, WIRE } from './protobuf.ts';

/** What every signal of OTLP shares: ranges of protobuf messages, and the scope that data came from. */

/** Where a length-delimited field's value stands. */
export interface MessageRange {
  readonly field: number;
  readonly start: number;
  readonly end: number;
}

/** An InstrumentationScope, with the schema of what it sent. */
export interface OtlpScope {
  readonly name: string;
  readonly version: string;
  readonly schemaUrl: string;
  readonly attributes: OtlpAttributes;
}

const NO_SCOPE: OtlpScope = { name: '', version: '', schemaUrl: '', attributes: [] };

/** The length-delimited fields of a message; others are stepped over. Throws `wire.malformed` at the place it is. */
export function* messageRanges(bytes: Uint8Array, start: number, end: number): Generator<MessageRange> {
  const reader = new ProtobufReader().reset(bytes, start, end);
  while (reader.at < end) {
    const tag = reader.uint32();
    if ((tag & 7) !== WIRE.bytes || tag < 8) {
      reader.skip(tag);
      continue;
    }
    const fieldEnd = reader.delimited();
    yield { field: tag >>> 3, start: reader.at, end: fieldEnd };
    reader.at = fieldEnd;
  }
}

/** The last of a field, which counts (Protocol Buffers, "Last One Wins"). */
export function lastRange(parts: readonly MessageRange[], field: number): MessageRange | undefined {
  return parts.findLast((part) => part.field === field);
}

export function rangeReader(bytes: Uint8Array, range: MessageRange): ProtobufReader {
  return new ProtobufReader().reset(bytes, range.start, range.end);
}

/** A range as text, replacement marks for what is not UTF-8; empty for none. */
export function rangeText(bytes: Uint8Array, range: MessageRange | undefined): string {
  return range === undefined
    ? ''
    : Buffer.from(bytes.buffer, bytes.byteOffset + range.start, range.end - range.start).toString();
}

/** The KeyValues in a field of a message; field 1 of a Resource is its attributes. */
export function rangeAttributes(
  bytes: Uint8Array,
  range: MessageRange | undefined,
  field: number,
): OtlpAttributes {
  const attributes: OtlpAttributes = [];
  if (range === undefined) return attributes;
  for (const part of messageRanges(bytes, range.start, range.end))
    if (part.field === field) {
      readAttribute(rangeReader(bytes, part), part.end, attributes);
      checkAttributes(attributes.length / 2);
    }
  return attributes;
}

/** The scope of a Scope{Metrics,Logs,Spans} whose fields are `parts`: scope 1, schema_url 3. */
export function scopeOf(bytes: Uint8Array, parts: readonly MessageRange[]): OtlpScope {
  const range = lastRange(parts, 1);
  if (range === undefined) return NO_SCOPE;
  const fields = [...messageRanges(bytes, range.start, range.end)];
  return {
    name: rangeText(bytes, lastRange(fields, 1)),
    version: rangeText(bytes, lastRange(fields, 2)),
    schemaUrl: rangeText(bytes, lastRange(parts, 3)),
    attributes: rangeAttributes(bytes, range, 3),
  };
}

/** The same from the JSON of a scope{Metrics,Logs,Spans}. */
export function scopeFromJson(part: unknown): OtlpScope {
  const sent = fieldOf(part, 'scope');
  return {
    name: jsonText(sent, 'name'),
    version: jsonText(sent, 'version'),
    schemaUrl: jsonText(part, 'schemaUrl'),
    attributes: attributesFromJson(fieldOf(sent, 'attributes')),
  };
}

/** A text field of a parsed JSON object; empty for anything else. */
export function jsonText(json: unknown, name: string): string {
  const value = fieldOf(json, name);
  return typeof value === 'string' ? value : '';
}

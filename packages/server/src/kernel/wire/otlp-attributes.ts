import { wireErrors } from './errors.ts';
import { type ProtobufReader, tagOf, WIRE } from './protobuf.ts';

/**
 * OTLP attributes as flat texts [key, value, key, value ...]: how metrics and index labels need them. Values that are no texts are
 * written as the OpenTelemetry specification maps them: numbers and booleans plainly, bytes in base64, lists and maps as JSON.
 */
export type OtlpAttributes = string[];

/** An AnyValue; an integer beyond 2^53 is a bigint. */
export type AnyValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly AnyValue[]
  | { readonly [key: string]: AnyValue };

/** Attributes of one resource, scope or event: more are an attack on the memory, as one may be two bytes. */
const MOST_ATTRIBUTES = 20_000;

/** Throws `wire.malformed` for a list of attributes that is too long. */
export function checkAttributes(count: number): void {
  if (count <= MOST_ATTRIBUTES) return;
  throw wireErrors.make('malformed', `a list of more than ${MOST_ATTRIBUTES} attributes`);
}

/** Deeper values are cut off: they come from outside. */
const MAX_DEPTH = 32;
const REPLACEMENT = '\ufffd';

/** Reads a KeyValue {key 1, value 2} that ends at `end` and adds it. Texts that are not UTF-8 are refused by OTLP; here they show a mark. */
export function readAttribute(reader: ProtobufReader, end: number, into: OtlpAttributes): void {
  const { key, value } = readKeyValue(reader, end, 0);
  into.push(key, valueText(value));
}

/** Reads an AnyValue that ends at `end` as text, as attributes are written. */
export function readValueText(reader: ProtobufReader, end: number): string {
  return valueText(readAnyValue(reader, end, 0));
}

function readKeyValue(reader: ProtobufReader, end: number, depth: number): { key: string; value: AnyValue } {
  let key = '';
  let value: AnyValue = null;
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.bytes)) key = reader.text() ?? REPLACEMENT;
    else if (tag === tagOf(2, WIRE.bytes)) value = readAnyValue(reader, reader.delimited(), depth);
    else reader.skip(tag);
  }
  reader.leave(end);
  return { key, value };
}

/** Reads an AnyValue that ends at `end`; bytes become base64. */
export function readAnyValue(reader: ProtobufReader, end: number, depth = 0): AnyValue {
  let value: AnyValue = null;
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.bytes)) value = reader.text() ?? REPLACEMENT;
    else if (tag === tagOf(2, WIRE.varint)) value = reader.bool();
    else if (tag === tagOf(3, WIRE.varint)) value = integerOf(reader.int64Text());
    else if (tag === tagOf(4, WIRE.fixed64)) value = reader.double();
    else if (tag === tagOf(7, WIRE.bytes)) value = Buffer.from(reader.range()).toString('base64');
    else if (depth >= MAX_DEPTH) reader.skip(tag);
    else if (tag === tagOf(5, WIRE.bytes)) value = readArray(reader, reader.delimited(), depth + 1);
    else if (tag === tagOf(6, WIRE.bytes)) value = readMap(reader, reader.delimited(), depth + 1);
    else reader.skip(tag);
  }
  reader.leave(end);
  return value;
}

function readArray(reader: ProtobufReader, end: number, depth: number): AnyValue {
  const values: AnyValue[] = [];
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.bytes)) values.push(readAnyValue(reader, reader.delimited(), depth));
    else reader.skip(tag);
  }
  reader.leave(end);
  return values;
}

function readMap(reader: ProtobufReader, end: number, depth: number): AnyValue {
  const entries = new Map<string, AnyValue>();
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.bytes)) {
      const { key, value } = readKeyValue(reader, reader.delimited(), depth);
      entries.set(key, value);
    } else reader.skip(tag);
  }
  reader.leave(end);
  return Object.fromEntries(entries);
}

/** Attributes of OTLP's JSON: `[{key, value: {stringValue: ...}}]`; what does not look so is left out. */
export function attributesFromJson(json: unknown): OtlpAttributes {
  const into: OtlpAttributes = [];
  const list = listOf(json);
  checkAttributes(list.length);
  for (const entry of list) {
    const key = fieldOf(entry, 'key');
    if (typeof key === 'string') into.push(key, valueText(anyValueFromJson(fieldOf(entry, 'value'))));
  }
  return into;
}

/** An AnyValue of OTLP's JSON as text, as attributes are written. */
export function valueTextFromJson(json: unknown): string {
  return valueText(anyValueFromJson(json));
}

export function anyValueFromJson(json: unknown, depth = 0): AnyValue {
  const text = fieldOf(json, 'stringValue') ?? fieldOf(json, 'bytesValue');
  if (typeof text === 'string') return text;
  const flag = fieldOf(json, 'boolValue');
  if (typeof flag === 'boolean') return flag;
  const integer = fieldOf(json, 'intValue');
  if (typeof integer === 'string') return integerOf(integer);
  const number = integer ?? fieldOf(json, 'doubleValue');
  if (typeof number === 'number' || typeof number === 'string') return Number(number);
  if (depth >= MAX_DEPTH) return null;
  const array = fieldOf(json, 'arrayValue');
  if (array !== undefined)
    return listOf(fieldOf(array, 'values')).map((value) => anyValueFromJson(value, depth + 1));
  const map = fieldOf(json, 'kvlistValue');
  if (map === undefined) return null;
  return Object.fromEntries(
    listOf(fieldOf(map, 'values')).map((entry) => [
      String(fieldOf(entry, 'key')),
      anyValueFromJson(fieldOf(entry, 'value'), depth + 1),
    ]),
  );
}

/** An own field of a parsed JSON object; undefined for anything else. */
export function fieldOf(json: unknown, name: string): unknown {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, name)) return undefined;
  const value: unknown = Reflect.get(json, name);
  return value === null ? undefined : value;
}

export function listOf(json: unknown): readonly unknown[] {
  return Array.isArray(json) ? json : [];
}

function valueText(value: AnyValue): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : typeof value === 'object' ? valueJson(value) : String(value);
}

/** A value as JSON, integers beyond 2^53 with all their digits. */
export function valueJson(value: AnyValue): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(valueJson).join(',')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${valueJson(item)}`)
    .join(',')}}`;
}

function isList(value: AnyValue): value is readonly AnyValue[] {
  return Array.isArray(value);
}

const INTEGER = /^-?\d{1,20}$/;

/** The digits of a 64-bit integer. */
function integerOf(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) || !INTEGER.test(text) ? number : BigInt(text);
}

/** An integer of too many digits for a number, where OTLP's JSON has it without quotes. */
const LONG_INTEGER = /"intValue"\s*:\s*-?\d{16}/;
const LONG_INTEGERS = /("intValue"\s*:\s*)(-?\d{16,20})(?=\s*[,}])/g;

/**
 * Parses JSON with attributes: integers keep all their digits, whether they came as texts or as numbers (compat OT-3). A key between
 * quotes and followed by a colon cannot stand inside a text, whose quotes are escaped.
 */
export function parseOtlpJson(text: string): unknown {
  const exact = LONG_INTEGER.test(text) ? text.replace(LONG_INTEGERS, '$1"$2"') : text;
  const json: unknown = JSON.parse(exact);
  return json;
}

import { type ProtobufReader, tagOf, WIRE } from './protobuf.ts';

/** Reads a google.protobuf.Timestamp {seconds 1, nanos 2} as it was sent; whether it makes sense is for the caller to say. */
export function readTimestamp(reader: ProtobufReader): { readonly seconds: number; readonly nanos: number } {
  const end = reader.delimited();
  let seconds = 0;
  let nanos = 0;
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.varint)) seconds = reader.int64();
    else if (tag === tagOf(2, WIRE.varint)) nanos = reader.int64();
    else reader.skip(tag);
  }
  reader.leave(end);
  return { seconds, nanos };
}

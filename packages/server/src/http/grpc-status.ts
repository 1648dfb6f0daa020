import type { ErrorKind, PharosError } from '../kernel/errors.ts';
import { ProtobufWriter } from '../kernel/wire/protobuf-writer.ts';

/** google.rpc.Code; also the status of gRPC calls. */
export const GRPC_STATUS = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

export type GrpcStatus = (typeof GRPC_STATUS)[keyof typeof GRPC_STATUS];

const BY_KIND: Readonly<Record<ErrorKind, GrpcStatus>> = {
  bad_request: GRPC_STATUS.invalidArgument,
  unauthorized: GRPC_STATUS.unauthenticated,
  forbidden: GRPC_STATUS.permissionDenied,
  not_found: GRPC_STATUS.notFound,
  method_not_allowed: GRPC_STATUS.unimplemented,
  conflict: GRPC_STATUS.alreadyExists,
  // Without RetryInfo senders take it as final, and it is: the same request will not fit later.
  too_large: GRPC_STATUS.resourceExhausted,
  unsupported_media: GRPC_STATUS.invalidArgument,
  unprocessable: GRPC_STATUS.invalidArgument,
  too_many: GRPC_STATUS.unavailable,
  canceled: GRPC_STATUS.cancelled,
  internal: GRPC_STATUS.internal,
  not_implemented: GRPC_STATUS.unimplemented,
  unavailable: GRPC_STATUS.unavailable,
  timeout: GRPC_STATUS.deadlineExceeded,
};

export function grpcStatusOf(error: PharosError): GrpcStatus {
  return BY_KIND[error.kind];
}

/** A google.rpc.Status {code 1, message 2}, how OTLP over HTTP says what went wrong (OT-2). */
export function encodeStatus(error: PharosError): Uint8Array {
  const writer = new ProtobufWriter().varint(1, grpcStatusOf(error)).text(2, error.message);
  return Uint8Array.from(writer.bytes);
}

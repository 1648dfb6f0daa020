/** How the body of an export is written. */
export type OtlpEncoding = 'protobuf' | 'json';

/** What an accepted request is told: nothing, or how many items were not taken and why (compat OT-1). */
export interface ExportOutcome {
  readonly rejected: number;
  readonly message: string;
}

/** One signal's Export, whatever the transport. */
export interface OtlpSignal {
  /** OTLP's own word: `metrics`, `logs` or `traces`. */
  readonly name: string;
  /** Paths besides `/v1/<name>`. */
  readonly otherPaths?: readonly string[];
  /** The gRPC service, such as `opentelemetry.proto.collector.trace.v1.TraceService`. */
  readonly grpcService: string;
  /** The field of a JSON answer's partialSuccess that counts, such as `rejectedSpans`. */
  readonly rejectedField: string;
  /**
   * Stores a request. Throws PharosErrors for what is wrong with it as a whole and for trouble of ours; nothing of it is then stored.
   */
  export(tenant: string, encoding: OtlpEncoding, body: Uint8Array): Promise<ExportOutcome>;
}

/** A request as a sender makes it. */
export interface DoorBody {
  /** Of gRPC: the method. */
  readonly path: string;
  /** Content-Type; null for a unary call of gRPC. */
  readonly type: string | null;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

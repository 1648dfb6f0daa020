/** The columns that one request's samples are collected in: series, time in ms, value. */
export interface AppendColumns {
  readonly refs: Uint32Array;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

const FIRST_CAPACITY = 1024;
/** Larger ones are rare and would hold memory for nothing. */
const LARGEST_SPARE = 8192;
const LARGEST_PAYLOAD = LARGEST_SPARE * 64;
/** Enough for the requests that are under way at the same time: scrapes of one second wait for one commit. */
const MOST_SPARE = 16;

/** Without room for a sample. */
export const NO_COLUMNS: AppendColumns = columnsOf(0);

/**
 * Columns, used again by one request after the other: a scrape's fresh ones would be garbage a moment later, and make the collector
 * run for nothing else.
 */
export class AppendBuffers {
  readonly #spare: AppendColumns[] = [];
  readonly #payloads: ArrayBuffer[] = [];

  /** Columns with more room than these, beginning with what they hold; these must not be used any more. */
  larger(old: AppendColumns): AppendColumns {
    if (old === NO_COLUMNS) return this.#spare.pop() ?? columnsOf(FIRST_CAPACITY);
    const next = columnsOf(old.refs.length * 2);
    next.refs.set(old.refs);
    next.timestamps.set(old.timestamps);
    next.values.set(old.values);
    return next;
  }

  /** Takes back what nobody looks at any more. */
  give(columns: AppendColumns): void {
    const capacity = columns.refs.length;
    if (capacity === 0 || capacity > LARGEST_SPARE || this.#spare.length >= MOST_SPARE) return;
    this.#spare.push(columns);
  }

  /** Room for the rows of a frame; what stands in it is left from another. */
  payload(bytes: number): Uint8Array<ArrayBuffer> {
    const found = this.#payloads.findIndex((spare) => spare.byteLength >= bytes);
    const [buffer = new ArrayBuffer(bytes)] = found < 0 ? [] : this.#payloads.splice(found, 1);
    return new Uint8Array(buffer, 0, bytes);
  }

  /** Takes back what `payload` gave, once the frame is written. */
  givePayload({ buffer }: Uint8Array<ArrayBuffer>): void {
    if (buffer.byteLength === 0 || buffer.byteLength > LARGEST_PAYLOAD) return;
    this.#payloads.push(buffer);
    // The smallest goes: the others serve every frame that it would.
    if (this.#payloads.length > MOST_SPARE)
      this.#payloads.sort((a, b) => a.byteLength - b.byteLength).shift();
  }
}

function columnsOf(capacity: number): AppendColumns {
  return {
    refs: new Uint32Array(capacity),
    timestamps: new Float64Array(capacity),
    values: new Float64Array(capacity),
  };
}

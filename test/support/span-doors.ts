import { createHash } from 'node:crypto';
import {
  SPAN_DOORS,
  type SpanBatch,
  type SpanDoor,
} from '../../packages/server/src/traces/testing/door-bodies.ts';
import { Deliveries, type Receiver } from './deliver.ts';

/** Of one batch, which is a trace. */
const SPANS = 10;
/** What every third batch tells of is so long ago: senders catch up. */
const LATE_MS = 3 * 3_600_000;

export const SPAN_DOOR_NAMES = Object.keys(SPAN_DOORS) as readonly SpanDoor[]; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the keys of a constant

/** Pushes spans of a service, each batch through the next of the doors. Every span is its own: its key is `<trace> <span>`. */
export class SpanPusher extends Deliveries {
  readonly #service: string;
  readonly #doors: readonly SpanDoor[];
  /** What its traces begin with: no other service has them. */
  readonly #traces: string;
  #batches = 0;

  constructor(service: string, doors: readonly SpanDoor[] = SPAN_DOOR_NAMES) {
    super();
    this.#service = service;
    this.#doors = doors;
    this.#traces = createHash('md5').update(service).digest('hex').slice(0, 16);
  }

  /** True when the batch was acknowledged; rejects when nobody answers. */
  push(to: Receiver): Promise<boolean> {
    const number = this.#batches++;
    const door = this.#doors[number % this.#doors.length];
    if (door === undefined) throw new Error('no door');
    const isLate = Math.floor(number / this.#doors.length) % 3 === 2;
    const batch: SpanBatch = {
      service: this.#service,
      traceId: `${this.#traces}${hex(number + 1)}`,
      spanIds: Array.from({ length: SPANS }, (_, i) => hex((number + 1) * SPANS + i)),
      at: Date.now() - (isLate ? LATE_MS : 0),
    };
    const keys = batch.spanIds.map((spanId) => `${batch.traceId} ${spanId}`);
    return this.send(to, SPAN_DOORS[door](batch), keys);
  }
}

/** 16 digits. */
function hex(number: number): string {
  return number.toString(16).padStart(16, '0');
}

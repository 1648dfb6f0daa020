import { Labels } from '@pharos/promql';
import { PharosError } from '../../../kernel/errors.ts';
import { JsonReader } from '../../../kernel/wire/json.ts';
import type { IngestSession, Target } from '../session.ts';
import { nowTime, readFields } from './fields.ts';

/** What could not be read of a body; the rest is kept. */
export interface LineProblems {
  readonly count: number;
  /** Names the line (from 1) and what is wrong. */
  readonly first: string;
}

export interface LinesOptions {
  /** For lines that have no time, ms. */
  readonly now: number;
  /** For lines that name no service. */
  readonly service: string;
}

/**
 * Reads log lines in JSON: one object per text line, or an array of objects, or one object. A line that cannot be read costs only
 * itself; an array that breaks off is malformed as a whole (`wire.malformed`).
 */
export async function readLines(
  body: Uint8Array,
  session: IngestSession,
  options: LinesOptions,
): Promise<LineProblems> {
  const reader = new JsonReader().reset(body);
  const door = new LinesDoor(session, options);
  if (!reader.isAtEnd && body[reader.at] === OPEN_ARRAY) {
    reader.beginArray();
    for (let item = 1; reader.nextItem(); item++) {
      const start = reader.at;
      reader.skip();
      door.take(body, start, reader.at, `item ${item}`);
      if (session.tired) await session.rest();
    }
    reader.finish();
    return door.problems;
  }
  let line = 1;
  for (let start = 0; start < body.length; line++) {
    const newline = body.indexOf(NEWLINE, start);
    const stop = newline < 0 ? body.length : newline;
    const end = stop > start && body[stop - 1] === RETURN ? stop - 1 : stop;
    if (!isBlank(body, start, end)) door.take(body, start, end, `line ${line}`);
    if (session.tired) await session.rest();
    start = stop + 1;
  }
  return door.problems;
}

const OPEN_ARRAY = 0x5b;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

class LinesDoor {
  readonly #session: IngestSession;
  readonly #options: LinesOptions;
  readonly #reader = new JsonReader();
  readonly #targets = new Map<string, Target>();
  #count = 0;
  #first = '';

  constructor(session: IngestSession, options: LinesOptions) {
    this.#session = session;
    this.#options = options;
  }

  get problems(): LineProblems {
    return { count: this.#count, first: this.#first };
  }

  take(body: Uint8Array, start: number, end: number, where: string): void {
    const problem = this.#read(body, start, end);
    if (problem === null) return;
    if (this.#count++ === 0) this.#first = `${where}: ${problem}`;
  }

  #read(body: Uint8Array, start: number, end: number): string | null {
    const reader = this.#reader.reset(body, start, end);
    try {
      if (reader.peek() !== 'object') return 'not a JSON object';
      const fields = readFields(reader);
      reader.finish();
      if (fields.badTime !== null)
        return `timestamp ${JSON.stringify(fields.badTime.slice(0, 100))}, expected RFC 3339 or epoch seconds to nanoseconds`;
      // A line without a message is its own message: nothing of it is lost.
      const message = fields.message === null ? body.slice(start, end) : Buffer.from(fields.message);
      Object.assign(this.#session.line, {
        time: fields.time ?? nowTime(this.#options.now),
        bytes: message,
        start: 0,
        end: message.length,
        metadata: fields.metadata,
      });
      this.#session.take(this.#target(fields.service === '' ? this.#options.service : fields.service));
      return null;
    } catch (error) {
      if (error instanceof PharosError) return error.message;
      throw error;
    }
  }

  #target(service: string): Target {
    let target = this.#targets.get(service);
    if (target === undefined) {
      target = this.#session.target(Labels.fromRecord({ service_name: service }));
      this.#targets.set(service, target);
    }
    return target;
  }
}

function isBlank(body: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++)
    if (body[at] !== 0x20 && body[at] !== 0x0d && body[at] !== 0x09) return false;
  return true;
}

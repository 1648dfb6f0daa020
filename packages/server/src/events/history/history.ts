import type { JsonObject } from '../event.ts';
import type { Series } from './series.ts';
import { MemberKinds, rawShape, shapeOf } from './shape.ts';

/** Orders of members of a source and type that are known apart; beyond, its shape says nothing. */
const MOST_RAW_SHAPES = 64;

export interface ShapeCount {
  readonly shape: string;
  /** Stored events of it. */
  seen: number;
}

/** The members of an event, and what they are to its history. */
export interface KnownMembers {
  readonly kinds: MemberKinds;
  readonly count: ShapeCount;
  /** Those that are measured where their value is a number. */
  readonly measured: readonly string[];
}

const NAMES_NOT_MEASURED =
  /(?:^|_)(?:id|code|port|pid|timestamp|ts|at|version|year|month|day|index|offset|seq|sequence|line|zip|phone)$|^(?:status|time|date)$/i;

const LONGEST_NAME = 100;

/** What the stored events of one source and type say of the next one. */
export class History {
  readonly series = new Map<string, Series>();
  events = 0;
  /** Shapes of stored events. */
  kinds = 0;
  /** The shape of most. */
  usual: ShapeCount | null = null;
  /** Epoch ms. */
  lastAt = 0;
  readonly #shapes = new Map<string, ShapeCount>();
  readonly #byRaw = new Map<string, KnownMembers>();
  /** The members of the last event, which the next one mostly has too: comparing them costs less than naming them. */
  #last: KnownMembers | null = null;

  /** The same object for the same members. */
  membersOf(data: JsonObject): KnownMembers {
    if (this.#last?.kinds.equal(data) === true) return this.#last;
    const raw = rawShape(data);
    let members = this.#byRaw.get(raw);
    // Of long names and many members the raw shape tells only the beginning.
    if (members === undefined || !members.kinds.equal(data)) {
      members = membersFrom(data, members?.count ?? this.#countOf(raw));
      if (this.#byRaw.size < MOST_RAW_SHAPES) this.#byRaw.set(raw, members);
    }
    this.#last = members;
    return members;
  }

  /** What is not counted further has a new count each time. */
  #countOf(raw: string): ShapeCount {
    const shape = shapeOf(raw);
    const count = this.#shapes.get(shape) ?? { shape, seen: 0 };
    if (this.#byRaw.size < MOST_RAW_SHAPES) this.#shapes.set(shape, count);
    return count;
  }

  /** Learns that so many more events of a shape were stored. */
  count(shape: string, seen: number): void {
    let count = this.#shapes.get(shape);
    this.events += seen;
    if (count === undefined) {
      if (this.#shapes.size >= MOST_RAW_SHAPES) return;
      this.#shapes.set(shape, (count = { shape, seen: 0 }));
    }
    if (count.seen === 0) this.kinds++;
    count.seen += seen;
    if (count.seen > (this.usual?.seen ?? 0)) this.usual = count;
  }
}

function membersFrom(data: JsonObject, count: ShapeCount): KnownMembers {
  const measured = Object.keys(data).filter(
    (name) => name.length <= LONGEST_NAME && !NAMES_NOT_MEASURED.test(name),
  );
  return { kinds: new MemberKinds(data), count, measured };
}

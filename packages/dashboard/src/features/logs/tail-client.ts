import { compareLines, type LogLine, linesOf, tailFrameSchema } from './lines.ts';
import { type Arrival, count } from './tail-buffer.ts';

/** How a live view stands. */
export type TailState =
  | { readonly at: 'connecting' }
  | { readonly at: 'live' }
  /** The connection is lost; it is tried again at `next` (ms). */
  | { readonly at: 'lost'; readonly next: number; readonly reason: string };

/** The browser's parts, given from outside so that the client can be tested without one. */
export interface TailParts {
  readonly now: () => number;
  /** Calls once, later; returns the cancel. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** Opens a WebSocket on a path with parameters; returns the close. */
  readonly open: (
    params: Readonly<Record<string, string>>,
    handlers: {
      readonly opened: () => void;
      readonly message: (text: string) => void;
      readonly closed: (reason: string) => void;
    },
  ) => () => void;
}

export interface TailListener {
  readonly state: (state: TailState) => void;
  readonly arrived: (arrivals: readonly Arrival[]) => void;
}

/** Lines of the past that a view begins with. */
const FIRST_LINES = 200;
const FIRST_SPAN_MS = 3_600_000;
/** Lines that a lost connection makes up for. */
const RESUMED_LINES = 1000;
/** Lines may come late by so much: they are asked for again, and recognized. */
const LATE_NS = 2_000_000_000n;
/** Identities of the newest lines. */
const MOST_KNOWN = 20_000;
/** Frames that come together are shown together. */
const GATHER_MS = 100;
const MOST_GATHERED = 5000;
/** The server names so many dropped lines in one frame at most. */
const MOST_NAMED = 100;
const RETRY_MS = [1000, 2000, 4000, 8000, 15_000] as const;

/** Follows the lines of a query until it is stopped: connects again by itself, and goes on where it was. */
export class TailClient {
  readonly #parts: TailParts;
  readonly #query: string;
  readonly #listener: TailListener;
  #close: (() => void) | null = null;
  #cancelRetry: (() => void) | null = null;
  #cancelGather: (() => void) | null = null;
  #gathered: Arrival[] = [];
  #attempts = 0;
  #newest: bigint | null = null;
  /** The newest lines, so that none is shown again after a lost connection. */
  #known = new Set<string>();
  /** The next frame answers for the time without a connection. */
  #resuming = false;
  #lostAt = 0;

  constructor(query: string, parts: TailParts, listener: TailListener) {
    this.#query = query;
    this.#parts = parts;
    this.#listener = listener;
  }

  start(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#close?.();
    this.#listener.state({ at: 'connecting' });
    this.#close = this.#parts.open(this.#params(), {
      opened: () => {
        this.#attempts = 0;
        this.#listener.state({ at: 'live' });
      },
      message: (text) => this.#take(text),
      closed: (reason) => this.#lost(reason),
    });
  }

  stop(): void {
    this.#cancelRetry?.();
    this.#cancelGather?.();
    this.#close?.();
    this.#close = null;
  }

  #params(): Record<string, string> {
    const common = { query: this.#query, encoding_flags: 'categorize-labels' };
    if (this.#newest === null) {
      const start = BigInt(Math.floor(this.#parts.now() - FIRST_SPAN_MS)) * 1_000_000n;
      return { ...common, start: String(start), limit: String(FIRST_LINES) };
    }
    this.#resuming = true;
    return { ...common, start: String(this.#newest - LATE_NS), limit: String(RESUMED_LINES) };
  }

  #lost(reason: string): void {
    const wait = RETRY_MS[Math.min(this.#attempts, RETRY_MS.length - 1)] ?? 1000;
    if (this.#attempts === 0) this.#lostAt = this.#parts.now();
    this.#attempts++;
    this.#close = null;
    this.#listener.state({ at: 'lost', next: this.#parts.now() + wait, reason });
    this.#cancelRetry = this.#parts.after(wait, () => this.start());
  }

  #take(text: string): void {
    const frame = readFrame(text);
    if (frame === null) return;
    const all = linesOf(frame.streams);
    const lines = all.filter((line) => this.#isNew(line)).sort(compareLines);
    const arrivals: Arrival[] = [];
    if (this.#resuming) {
      this.#resuming = false;
      // As many as were asked for: there were more, and nobody has them here.
      if (all.length >= RESUMED_LINES) arrivals.push(this.#gapWords());
    }
    const dropped = frame.dropped_entries?.length ?? 0;
    if (dropped > 0)
      arrivals.push(
        `Not shown: ${dropped >= MOST_NAMED ? `at least ${count(dropped)}` : count(dropped)} that came faster than this connection takes them`,
      );
    this.#gather([...arrivals, ...lines]);
  }

  #gapWords(): string {
    const seconds = Math.max(1, Math.round((this.#parts.now() - this.#lostAt) / 1000));
    return `The connection was lost for ${seconds} s: of the lines that came meanwhile only the newest are here`;
  }

  #isNew({ key, ns }: LogLine): boolean {
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    if (this.#known.size > MOST_KNOWN) this.#known = new Set([...this.#known].slice(-MOST_KNOWN / 2));
    if (this.#newest === null || ns > this.#newest) this.#newest = ns;
    return true;
  }

  #gather(arrivals: readonly Arrival[]): void {
    for (const arrival of arrivals) this.#gathered.push(arrival);
    // Timers of a page that nobody looks at may take a minute.
    if (this.#gathered.length >= MOST_GATHERED) this.#deliver();
    else this.#cancelGather ??= this.#parts.after(GATHER_MS, () => this.#deliver());
  }

  #deliver(): void {
    this.#cancelGather?.();
    this.#cancelGather = null;
    this.#listener.arrived(this.#gathered.splice(0));
  }
}

/** A frame; null for what is none. */
function readFrame(text: string) {
  try {
    const parsed = tailFrameSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

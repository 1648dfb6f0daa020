import { AsyncLocalStorage } from 'node:async_hooks';

/** One statement as it ran, for whoever asks what a query did. */
export interface RecordedStatement {
  readonly purpose: string;
  /** Cut after 4,000 characters. */
  readonly text: string;
  /** Its wait for a session included. */
  readonly durationMs: number;
  /** Of the answer in the engine's own format. */
  readonly bytes: number;
  /** `ok`, or the kind of its failure. */
  readonly result: string;
}

const MOST_STATEMENTS = 50;
const LONGEST_TEXT = 4000;
const PLAIN = /^[\w.-]{1,40}$/;

/** Gathers what the door runs on behalf of one request; each statement carries the id in its comment, for the engine's own log. */
export class StatementRecorder {
  readonly id: string;
  readonly statements: RecordedStatement[] = [];
  /** Statements beyond those kept. */
  dropped = 0;

  /** @param id goes into SQL comments: letters, digits, dots and dashes. */
  constructor(id: string) {
    if (!PLAIN.test(id)) throw new TypeError(`${JSON.stringify(id)} cannot stand in a comment`);
    this.id = id;
  }

  add(statement: RecordedStatement): void {
    if (this.statements.length >= MOST_STATEMENTS) this.dropped++;
    else this.statements.push({ ...statement, text: statement.text.slice(0, LONGEST_TEXT) });
  }
}

const current = new AsyncLocalStorage<StatementRecorder>();

/** Runs something whose statements, at any depth, are recorded. */
export function recordStatements<T>(recorder: StatementRecorder, run: () => Promise<T>): Promise<T> {
  return current.run(recorder, run);
}

export function currentRecorder(): StatementRecorder | undefined {
  return current.getStore();
}

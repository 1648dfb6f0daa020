import { appendFileSync, renameSync } from 'node:fs';
import { expect } from 'vitest';
import { LOG_DOORS, type LogDoor } from '../../packages/server/src/logs/testing/door-bodies.ts';
import { Deliveries, type Receiver } from './deliver.ts';

/** Of one batch. */
const LINES = 10;
/** What every third batch tells of is so long ago: senders catch up. */
const LATE_MS = 3 * 3_600_000;

export const LOG_DOOR_NAMES = Object.keys(LOG_DOORS) as readonly LogDoor[]; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the keys of a constant

/** Pushes lines of a service, each batch through the next of the doors. Every message is its own, and its key. */
export class LogPusher extends Deliveries {
  readonly #service: string;
  readonly #doors: readonly LogDoor[];
  #batches = 0;
  #lines = 0;

  constructor(service: string, doors: readonly LogDoor[] = LOG_DOOR_NAMES) {
    super();
    this.#service = service;
    this.#doors = doors;
  }

  /** True when the batch was acknowledged; rejects when nobody answers. */
  push(to: Receiver): Promise<boolean> {
    const messages = Array.from({ length: LINES }, () => `pushed line ${this.#lines++}`);
    const batch = this.#batches++;
    const door = this.#doors[batch % this.#doors.length];
    if (door === undefined) throw new Error('no door');
    const isLate = Math.floor(batch / this.#doors.length) % 3 === 2;
    const push = LOG_DOORS[door](this.#service, messages, Date.now() - (isLate ? LATE_MS : 0));
    return this.send(to, push, messages);
  }
}

/** How a line stands in a file, by format. */
export const FILE_LINES = {
  plain: (text: string) => text,
  json: (text: string) => JSON.stringify({ time: new Date().toISOString(), level: 'info', message: text }),
  cri: (text: string) => `${new Date().toISOString()} stdout F ${text}`,
  docker: (text: string) =>
    JSON.stringify({ log: `${text}\n`, stream: 'stdout', time: new Date().toISOString() }),
} as const;

/** Lines that a service writes to a followed file, which is renamed and begun anew now and then. */
export class LogFile {
  readonly written = new Set<string>();
  readonly #path: string;
  readonly #line: (text: string) => string;
  #batches = 0;

  constructor(path: string, format: keyof typeof FILE_LINES = 'plain') {
    this.#path = path;
    this.#line = FILE_LINES[format];
  }

  write(): void {
    const lines = Array.from({ length: LINES }, (_, i) => `file line ${this.written.size + i}`);
    appendFileSync(this.#path, lines.map((line) => `${this.#line(line)}\n`).join(''));
    for (const line of lines) this.written.add(line);
    if (++this.#batches % 25 === 0) renameSync(this.#path, `${this.#path}.${this.#batches}`);
  }
}

/** How often each stored line of a service is answered. */
export async function answeredLines(url: string, service: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const parameters = new URLSearchParams({ window: '1d', limit: '5000', service });
    if (cursor !== '') parameters.set('cursor', cursor);
    const answer = await fetch(`${url}/api/logs?${parameters.toString()}`);
    const page = (await answer.json()) as {
      logs: { message: string }[];
      next: string | null;
      warnings: string[];
    };
    expect(page.warnings).toEqual([]);
    for (const { message } of page.logs) counts.set(message, (counts.get(message) ?? 0) + 1);
    cursor = page.next;
  }
  return counts;
}

/** Every one of the lines is stored, and no line of the service twice. */
export async function linesAreThereOnce(
  url: string,
  service: string,
  lines: ReadonlySet<string>,
): Promise<void> {
  areThereOnce(await answeredLines(url, service), lines);
}

/** Every key is there, and none twice; others may be. */
export function areThereOnce(
  counts: ReadonlyMap<string, number>,
  keys: ReadonlySet<string>,
  what = '',
): void {
  expect([...keys].filter((key) => !counts.has(key)).slice(0, 5), `${what} lost`).toEqual([]);
  expect([...counts].filter(([, count]) => count > 1).slice(0, 5), `${what} doubled`).toEqual([]);
}

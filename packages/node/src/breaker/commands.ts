import { BREAKER_ACTIONS, type BreakerAction } from './view.ts';

/** What Pharos asks of breakers of this process. */
export interface Command {
  readonly id: string;
  readonly action: BreakerAction;
  /** Names of the breakers meant. */
  readonly breakers: readonly string[];
  /** How long a hold lasts from now on, in milliseconds; null for what holds nothing. */
  readonly forMs: number | null;
  /** Who asked and why, for the log. */
  readonly by: string;
  readonly reason: string;
}

export type Outcome = 'applied' | 'unsupported' | 'unknown' | 'failed';

export interface CommandAck {
  readonly id: string;
  readonly breaker: string;
  readonly outcome: Outcome;
}

/** No hold lasts longer, so that one that nobody remembers ends. */
const MAX_HOLD_MS = 24 * 3_600_000;
const MAX_COMMANDS = 100;
const MAX_BREAKERS = 200;
const MAX_TEXT = 200;

/** The commands of an answer of Pharos. What is no command is left out: the answer may come from anything that listens there. */
export function readCommands(body: string): Command[] {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return [];
  }
  const list = member(answer, 'commands');
  return Array.isArray(list) ? list.slice(0, MAX_COMMANDS).flatMap(readCommand) : [];
}

function readCommand(value: unknown): Command[] {
  const id = member(value, 'id');
  const action = BREAKER_ACTIONS.find((known) => known === member(value, 'action'));
  const names = member(value, 'breakers');
  const forMs = member(value, 'for_ms');
  if (!isText(id) || id === '' || action === undefined || !Array.isArray(names)) return [];
  const holds = action === 'force_open' || action === 'force_closed';
  // A hold without an end is none that Pharos gives.
  if (holds && !(typeof forMs === 'number' && forMs > 0 && forMs <= MAX_HOLD_MS)) return [];
  return [
    {
      id,
      action,
      breakers: [...new Set(names.filter(isText))].slice(0, MAX_BREAKERS),
      forMs: holds && typeof forMs === 'number' ? forMs : null,
      by: textOf(member(value, 'by')),
      reason: textOf(member(value, 'reason')),
    },
  ];
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, MAX_TEXT) : '';
}

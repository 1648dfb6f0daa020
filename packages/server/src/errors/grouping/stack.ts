import type { ErrorFrame } from '../event.ts';
import { clip, KEPT } from '../limits.ts';
import { isInApp } from './places.ts';

/** An exception as a stack trace tells it. */
export interface StackException {
  readonly name: string;
  readonly message: string;
  /** Where it was thrown comes first. */
  readonly frames: readonly ErrorFrame[];
}

/** A trace is read this far. */
const MOST_LINES = 400;
const MOST_LINE = 1000;

/**
 * Reads the text of a stack trace: V8's (Node.js, Chrome), Java's with its causes, Python's (whose last call stands last). Lines that are
 * no frames before the first one are the message. The outermost exception comes first; frames are empty where the text has none.
 */
export function parseStack(text: string): readonly StackException[] {
  const lines = text.split('\n', MOST_LINES).map((line) => clip(line, MOST_LINE));
  const start = lines.findIndex((line) => line.startsWith('Traceback (most recent call last)'));
  if (start >= 0) return [pythonTrace(lines.slice(start + 1))];
  const found: { head: string[]; frames: ErrorFrame[] }[] = [{ head: [], frames: [] }];
  for (const line of lines) {
    const cause = /^(?:Caused by:|\[cause\]:|\[errors\]:)(.*)$/.exec(line.trim());
    const last = found.at(-1);
    if (cause !== null) found.push({ head: [(cause[1] ?? '').replace(/\{$/, '').trim()], frames: [] });
    else if (last !== undefined) {
      const frame = frameOf(line);
      if (frame !== null) last.frames.push(frame);
      else if (last.frames.length === 0 && line.trim() !== '') last.head.push(line);
    }
  }
  return found
    .slice(0, KEPT.exceptions)
    .map(({ head, frames }) => ({ ...headOf(head.join('\n')), frames: frames.slice(0, KEPT.frames) }));
}

/** `TypeError: x is undefined` and `com.shop.OrderException: no stock`; a head without a class is all message. */
function headOf(head: string): { readonly name: string; readonly message: string } {
  const text = head.trim();
  const match =
    /^(?:Uncaught |Exception in thread "[^"\n]{0,100}" )?([A-Za-z_$][\w$.]{0,199})(?: \[[\w ]{1,100}\])?(?:: ?|$)/.exec(
      text,
    );
  if (match === null) return { name: '', message: clip(text, KEPT.message) };
  return {
    name: clip(match[1] ?? '', KEPT.name),
    message: clip(text.slice(match[0].length).trim(), KEPT.message),
  };
}

function frameOf(line: string): ErrorFrame | null {
  const text = line.trim();
  if (!text.startsWith('at ')) return null;
  const rest = text.slice(3);
  const open = rest.endsWith(')') ? openingOf(rest) : -1;
  if (open < 0) return made('', rest.replace(/^async /, ''));
  return made(rest.slice(0, open).trim(), rest.slice(open + 1, -1));
}

/** Where the bracket opens that the last character closes: evaluated code has brackets in its place. */
function openingOf(text: string): number {
  let depth = 0;
  for (let at = text.length - 1; at >= 0; at--) {
    const char = text[at];
    if (char === ')') depth++;
    else if (char === '(' && --depth === 0) return at;
  }
  return -1;
}

function made(name: string, place: string): ErrorFrame {
  // Evaluated code: where it was evaluated is the nearest that is known.
  const evaluated = /\(([^()]+:\d+:\d+)\)/.exec(place);
  const match = /^(.*?)(?::(\d{1,9}))?(?::(\d{1,9}))?$/.exec(evaluated?.[1] ?? place);
  const file = clip(match?.[1] ?? place, KEPT.text);
  const known =
    file !== '<anonymous>' && file !== 'native' && !file.startsWith('index ') && file !== 'Unknown Source';
  return {
    function: clip(name, KEPT.name),
    file: known ? file : '',
    line: Number(match?.[2] ?? 0),
    column: Number(match?.[3] ?? 0),
    inApp: known && isInApp(file, name),
  };
}

/** Frames from the outermost call inwards, then the exception; what was raised `from` another comes last in Python and stands for all. */
function pythonTrace(lines: readonly string[]): StackException {
  let frames: ErrorFrame[] = [];
  let head = '';
  for (const line of lines) {
    const match = /^ {1,4}File "([^"]{1,500})", line (\d{1,9}), in (.{1,200})$/.exec(line);
    if (match !== null) {
      const [, file = '', number = '0', name = ''] = match;
      frames.push({ function: name, file, line: Number(number), column: 0, inApp: isInApp(file, name) });
    } else if (line.startsWith('Traceback ')) frames = [];
    else if (/^[A-Za-z_]/.test(line) && !line.startsWith('During handling') && !line.startsWith('The above'))
      head = line;
  }
  return { ...headOf(head), frames: frames.reverse().slice(0, KEPT.frames) };
}

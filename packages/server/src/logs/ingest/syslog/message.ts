import { Buffer, isUtf8 } from 'node:buffer';
import { type LocalTimes, type SyslogMessage, unread } from './parts.ts';
import { parseRfc3164 } from './rfc3164.ts';
import { parseRfc5424 } from './rfc5424.ts';

/** user.notice, for what names no priority (RFC 3164, 4.3.3). */
const DEFAULT_PRIORITY = 13;
const HIGHEST_PRIORITY = 191;

/** Takes a message apart. Never throws: what cannot be read becomes the text, with the reason. */
export function parseSyslog(frame: Uint8Array, local: LocalTimes): SyslogMessage {
  const isValid = isUtf8(frame);
  const bytes = isValid ? Buffer.from(frame.buffer, frame.byteOffset, frame.length) : repaired(frame);
  const parsed = parseBytes(bytes, local);
  return isValid || parsed.problem !== null ? parsed : { ...parsed, problem: 'not_utf8' };
}

function parseBytes(bytes: Buffer, local: LocalTimes): SyslogMessage {
  const priority = priorityOf(bytes);
  if (priority.problem !== null) return { ...numbers(DEFAULT_PRIORITY), ...unread(bytes, priority.problem) };
  const { value, end } = priority;
  const isNew = bytes[end] === 0x31 && bytes[end + 1] === 0x20;
  const parts = isNew ? parseRfc5424(bytes, end + 2) : parseRfc3164(bytes, end, local);
  return { ...numbers(value), ...parts };
}

type Priority =
  | { readonly problem: null; readonly value: number; readonly end: number }
  | { readonly problem: 'no_priority' | 'bad_priority' };

function priorityOf(bytes: Buffer): Priority {
  if (bytes[0] !== 0x3c) return { problem: 'no_priority' };
  const close = bytes.subarray(0, 5).indexOf(0x3e);
  const digits = bytes.toString('latin1', 1, Math.max(close, 1));
  if (!/^\d{1,3}$/.test(digits)) return { problem: 'bad_priority' };
  const value = Number(digits);
  return value > HIGHEST_PRIORITY ? { problem: 'bad_priority' } : { problem: null, value, end: close + 1 };
}

function numbers(priority: number): { readonly facility: number; readonly severity: number } {
  return { facility: priority >> 3, severity: priority & 7 };
}

/** U+FFFD for what is not UTF-8. */
function repaired(frame: Uint8Array): Buffer {
  return Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(frame));
}

import type { LogTime } from '../../time.ts';

/** What is wrong with a message; it is kept all the same. Bounded in number: a label of the telemetry. */
export type Malformed =
  | 'no_priority'
  | 'bad_priority'
  | 'bad_header'
  | 'bad_timestamp'
  | 'bad_structured_data'
  | 'not_utf8'
  | 'too_long';

/** One message, taken apart (RFC 5424, RFC 3164). Empty where the sender says nothing. */
export interface SyslogMessage {
  readonly format: 'rfc5424' | 'rfc3164' | 'none';
  /** 0 to 23. */
  readonly facility: number;
  /** 0 (emergency) to 7 (debug). */
  readonly severity: number;
  readonly time: LogTime | null;
  readonly host: string;
  readonly app: string;
  readonly process: string;
  readonly id: string;
  /** Structured data, flat: `<SD-ID>_<name>`, value… */
  readonly data: readonly string[];
  /** UTF-8. */
  readonly text: Uint8Array;
  readonly problem: Malformed | null;
}

/** What a parser of one of the two formats makes of what stands behind the priority. */
export type SyslogParts = Omit<SyslogMessage, 'facility' | 'severity'>;

/** How RFC 3164's local times, which name neither year nor zone, are read. */
export interface LocalTimes {
  /** Wall clock, ms. */
  readonly now: number;
  /** Minutes east of UTC, or null for this machine's zone. */
  readonly offsetMinutes: number | null;
}

/** All of it as text. */
export function unread(text: Uint8Array, problem: Malformed): SyslogParts {
  return { format: 'none', time: null, host: '', app: '', process: '', id: '', data: [], text, problem };
}

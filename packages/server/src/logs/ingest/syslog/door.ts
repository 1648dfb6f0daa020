import type { Buffer } from 'node:buffer';
import { Labels } from '@pharos/promql';
import type { Clock } from '../../../kernel/clock.ts';
import type { Log } from '../../../kernel/log.ts';
import type { Random } from '../../../kernel/random.ts';
import type { LogTime } from '../../time.ts';
import { nowTime } from '../lines/fields.ts';
import type { LogDoors } from '../service.ts';
import type { IngestSession, Target } from '../session.ts';
import { type Shift, TimeSpacer } from '../spacer.ts';
import { untilTaken } from '../steady.ts';
import type { SyslogConfig } from './config.ts';
import { parseSyslog } from './message.ts';
import type { SyslogMessage } from './parts.ts';
import type { SyslogTelemetry } from './telemetry.ts';

export type Transport = 'tcp' | 'tls' | 'udp';

/** One message as it came. */
export interface SyslogFrame {
  readonly bytes: Buffer;
  /** Longer than may be: the rest is gone. */
  readonly cut: boolean;
  /** The sender's address, for messages that name no host. */
  readonly peer: string;
}

export interface SyslogDoorDeps {
  readonly doors: LogDoors;
  readonly clock: Clock;
  readonly random: Random;
  readonly config: SyslogConfig;
  readonly telemetry: SyslogTelemetry;
  readonly log: Log;
  readonly tenant: string;
}

/** Names of the severities 0 to 7, as metadata and by which the level is known (RFC 5424, table 2). */
const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
/** Names of the facilities 0 to 23 (RFC 5424, table 1; syslog(3)). */
const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'audit',
  'alert',
  'clock',
  ...Array.from({ length: 8 }, (_, i) => `local${i}`),
];
const MOST_LABEL = 255;
/** Streams whose last times are remembered. */
const MOST_STREAMS = 10_000;

/**
 * A process that was there just before may have stored lines of the same second, which an equal line must not be taken for: times up
 * to a minute after the start (clocks differ) begin at a part of their millisecond that is this process' own.
 */
const AHEAD_MS = 60_000;
const LEAST_SHIFT = 100_000;
const MOST_SHIFT = 900_000;

interface Placed {
  readonly message: SyslogMessage;
  readonly time: LogTime;
  readonly app: string;
  readonly host: string;
}

/** Messages of any transport into the one sink: application to service, host to a label, the rest to metadata. */
export class SyslogDoor {
  readonly #deps: SyslogDoorDeps;
  readonly #spacers = new Map<string, TimeSpacer>();
  readonly #shift: Shift;

  constructor(deps: SyslogDoorDeps) {
    this.#deps = deps;
    this.#shift = {
      before: deps.clock.now() + AHEAD_MS,
      nanos: LEAST_SHIFT + Math.floor(deps.random() * (MOST_SHIFT - LEAST_SHIFT)),
    };
  }

  /**
   * Resolves when the messages are durable, however long the store cannot take them; or when the signal ends, which drops and counts
   * them.
   */
  async store(frames: readonly SyslogFrame[], transport: Transport, signal: AbortSignal): Promise<void> {
    const { doors, clock, telemetry, log, tenant } = this.#deps;
    const placed = frames.map((frame) => this.#place(frame, transport));
    let lost = 'stopped';
    try {
      const read = async (session: IngestSession): Promise<void> => {
        const targets = new Map<string, Target>();
        for (const line of placed) {
          take(session, targets, line);
          if (session.tired) await session.rest();
        }
      };
      const report = await untilTaken(clock, signal, () => doors.store(tenant, 'syslog', read));
      if (report !== null) return;
    } catch (error) {
      lost = 'failed';
      log.error({ err: error }, 'syslog messages could not be stored and are lost');
    }
    telemetry.dropped.inc({ transport, reason: lost }, frames.length);
  }

  #place({ bytes, cut, peer }: SyslogFrame, transport: Transport): Placed {
    const { clock, config, telemetry } = this.#deps;
    const now = clock.now();
    const message = parseSyslog(bytes, { now, offsetMinutes: config.time_zone });
    telemetry.messages.inc({ transport, format: message.format });
    const problem = cut ? 'too_long' : message.problem;
    if (problem !== null) telemetry.malformed.inc({ reason: problem });
    const host = (message.host === '' ? peer : message.host).slice(0, MOST_LABEL);
    const app = message.app.slice(0, MOST_LABEL);
    const time = this.#spacer(`${app}\0${host}`).spaced(message.time ?? nowTime(now));
    return { message, time, app, host };
  }

  #spacer(stream: string): TimeSpacer {
    const known = this.#spacers.get(stream);
    if (known !== undefined) return known;
    const oldest = this.#spacers.size < MOST_STREAMS ? undefined : this.#spacers.keys().next().value;
    if (oldest !== undefined) this.#spacers.delete(oldest);
    const spacer = new TimeSpacer([], this.#shift);
    this.#spacers.set(stream, spacer);
    return spacer;
  }
}

function take(
  session: IngestSession,
  targets: Map<string, Target>,
  { message, time, app, host }: Placed,
): void {
  const key = `${app}\0${host}`;
  let target = targets.get(key);
  if (target === undefined) {
    target = session.target(
      Labels.fromRecord({ job: 'syslog', service_name: app === '' ? 'unknown_service' : app, host }),
    );
    targets.set(key, target);
  }
  const metadata = [
    'severity',
    SEVERITIES[message.severity] ?? '',
    'facility',
    FACILITIES[message.facility] ?? '',
    ...(message.process === '' ? [] : ['process_id', message.process]),
    ...(message.id === '' ? [] : ['message_id', message.id]),
    ...message.data,
  ];
  Object.assign(session.line, { time, bytes: message.text, start: 0, end: message.text.length, metadata });
  session.take(target);
}

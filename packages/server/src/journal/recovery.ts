import { join } from 'node:path';
import type { Log } from '../kernel/log.ts';
import { reasonOf } from './admission.ts';
import { CHECKPOINT_FILE, IDENTITY_FILE, readCheckpoint, readIdentity, writeIdentity } from './checkpoint.ts';
import { type FileSystem, type OpenFile, readWhole } from './fs.ts';
import type { Quarantine } from './quarantine.ts';
import { readSegment } from './reader.ts';
import {
  decodeSegmentHeader,
  parseSegmentFileName,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from './segment.ts';
import type { Position, RecoveryReport } from './types.ts';

/** One segment file as the journal keeps it in mind. */
export interface Segment {
  readonly id: number;
  readonly salt: number;
  readonly path: string;
  /** Bytes up to here are durable and acknowledged. */
  end: number;
  /** Bytes up to here are in the engine. */
  flushedTo: number;
  lastPosition: Position;
  /** Where damage begins that is in quarantine already. */
  readonly damageKept: Set<number>;
}

/** What recovery hands to the journal. */
export interface Recovered {
  readonly segments: Segment[];
  readonly identity: number;
  readonly nextId: number;
  readonly nextPosition: Position;
  readonly flushed: Position;
  readonly pendingBytes: number;
  /** When the oldest unflushed request was written, seconds since the Unix epoch; undefined when there is none. */
  readonly oldestWrittenAt: number | undefined;
  readonly report: RecoveryReport;
}

export interface RecoveryOptions {
  readonly fs: FileSystem;
  readonly directory: string;
  readonly quarantine: Quarantine;
  readonly log: Log;
}

interface Found {
  readonly id: number;
  readonly salt: number;
  readonly path: string;
  readonly size: number;
  readonly header: SegmentHeader | null;
}

/** Counters of the scan. */
interface Tally {
  requests: number;
  frames: number;
  rows: number;
  bytes: number;
  tornBytes: number;
  oldestWrittenAt: number | undefined;
}

/**
 * Reads the journal directory after any kind of end: keeps every request that was acknowledged and is not known to be
 * in the engine, cuts off unfinished writes, moves what it cannot read to quarantine. Nothing in the directory's
 * content can make it fail; errors of the disk can.
 */
export async function recover(options: RecoveryOptions): Promise<Recovered> {
  const { fs, directory, quarantine, log } = options;
  await fs.makeDirectory(directory);
  const checkpoint = await readCheckpoint(fs, directory);
  if (checkpoint === null)
    log.warn(
      { directory },
      'the journal checkpoint is damaged: everything left is flushed again, reconciled',
    );
  const found = await findSegments(options);
  const recorded = await readIdentity(fs, directory);
  const known = recorded ?? found.find((f) => f.header !== null)?.header?.identity ?? null;
  const identity = recorded ?? (await writeIdentity(fs, directory, known));
  const own = await keepOwn(options, found, identity);
  const tally: Tally = {
    requests: 0,
    frames: 0,
    rows: 0,
    bytes: 0,
    tornBytes: 0,
    oldestWrittenAt: undefined,
  };
  const segments: Segment[] = [];
  let last = 0;
  for (const file of own) {
    const seal = sealOf(own, file);
    tellMissing(log, own, file, Math.max(last, checkpoint ?? 0));
    const segment = await scan(options, { file, seal, after: last, flushed: checkpoint ?? 0 }, tally);
    last = Math.max(last, segment.lastPosition, (file.header?.firstPosition ?? 1) - 1);
    segments.push(segment);
  }
  return {
    segments,
    identity,
    nextId: found.reduce((most, f) => Math.max(most, f.id), 0) + 1,
    nextPosition: Math.max(last, checkpoint ?? 0) + 1,
    flushed: checkpoint ?? Math.max(0, (own[0]?.header?.firstPosition ?? 1) - 1),
    pendingBytes: tally.bytes,
    oldestWrittenAt: tally.oldestWrittenAt,
    report: { ...tally, segments: segments.length, quarantined: quarantine.count() },
  };
}

/** All segment files by number; leftovers of ours are removed, strangers go to quarantine. */
async function findSegments({ fs, directory, quarantine, log }: RecoveryOptions): Promise<Found[]> {
  const found: Found[] = [];
  for (const name of await fs.list(directory)) {
    const path = join(directory, name);
    if (name === CHECKPOINT_FILE || name === IDENTITY_FILE) continue;
    if (name === `${CHECKPOINT_FILE}.tmp` || name === `${IDENTITY_FILE}.tmp`) {
      await fs.unlink(path);
      continue;
    }
    const parsed = parseSegmentFileName(name);
    if (parsed === null) {
      const message = `${name} is not a journal segment`;
      await tolerate(log, quarantine.keepFile(path, { reason: 'foreign', message, facts: { file: name } }));
      continue;
    }
    const start = await readWhole(fs, path, SEGMENT_HEADER_BYTES);
    const file = await fs.open(path, 'read');
    const size = await file.size();
    await file.close();
    found.push({ ...parsed, path, size, header: decodeSegmentHeader(start) });
  }
  return found.sort((a, b) => a.id - b.id);
}

/** Drops segments that never counted, and puts aside those of other journals. */
async function keepOwn(
  options: RecoveryOptions,
  found: readonly Found[],
  identity: number,
): Promise<Found[]> {
  const { fs, quarantine, log } = options;
  const own: Found[] = [];
  for (const file of found) {
    const { header } = file;
    const voided = found.some(
      (f) => f.header?.identity === identity && f.header.previousId < file.id && file.id < f.header.id,
    );
    const strange =
      header !== null && (header.identity !== identity || header.id !== file.id || header.salt !== file.salt);
    if (strange || (header === null && !(await hasRequests(fs, file)) && file.size > SEGMENT_HEADER_BYTES)) {
      const message = strange
        ? 'the segment belongs to another journal, or was renamed'
        : 'the file is named like a segment and holds no request of this journal';
      const facts = { file: file.path };
      await tolerate(log, quarantine.keepFile(file.path, { reason: 'foreign', message, facts }));
    } else if (voided || (header === null && file.size <= SEGMENT_HEADER_BYTES)) {
      await fs.unlink(file.path);
    } else {
      own.push(file);
    }
  }
  return own;
}

/**
 * With a full disk nothing can be put aside. It stays where it is, is left out all the same, and is met again: by the
 * flusher, which waits for space before it lets go of a damaged segment, or at the next start.
 */
async function tolerate(log: Log, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    log.error(
      { err: reasonOf(error) },
      'could not be put into quarantine and stays in the journal directory',
    );
  }
}

/** Whether any request verifies with the salt in the file's name: then only the header is damaged. */
async function hasRequests(fs: FileSystem, file: Found): Promise<boolean> {
  const handle = await fs.open(file.path, 'read');
  try {
    const range = {
      file: handle,
      salt: file.salt,
      from: SEGMENT_HEADER_BYTES,
      to: file.size,
      sealed: false,
      after: 0,
    };
    for await (const event of readSegment(range)) if (event.kind === 'group') return true;
    return false;
  } finally {
    await handle.close();
  }
}

/** A segment that was deleted before it was flushed leaves a hole that only its successor's header shows. */
function tellMissing(log: Log, own: readonly Found[], { header, path }: Found, last: Position): void {
  if (header === null || header.previousId === 0 || header.firstPosition <= last + 1) return;
  if (own.some((file) => file.id === header.previousId)) return;
  const facts = { segment: path, missing: header.previousId, from: last + 1, to: header.firstPosition - 1 };
  log.error(facts, 'the segment before this one is gone: requests in it that were not flushed are lost');
}

/** The length that the next segment says is valid, or null when no later header tells. */
function sealOf(own: readonly Found[], file: Found): number | null {
  const next = own.find((f) => f.header?.previousId === file.id);
  return next?.header?.previousLength ?? null;
}

interface Scan {
  readonly file: Found;
  readonly seal: number | null;
  readonly after: Position;
  readonly flushed: Position;
}

async function scan(options: RecoveryOptions, target: Scan, tally: Tally): Promise<Segment> {
  const { file, seal } = target;
  const segment: Segment = {
    id: file.id,
    salt: file.salt,
    path: file.path,
    end: Math.min(seal ?? file.size, file.size),
    flushedTo: SEGMENT_HEADER_BYTES,
    lastPosition: target.after,
    damageKept: new Set(),
  };
  const handle = await options.fs.open(file.path, seal === null ? 'update' : 'read');
  try {
    const to = seal ?? file.size;
    const range = { file: handle, salt: file.salt, from: SEGMENT_HEADER_BYTES, to, sealed: seal !== null };
    for await (const event of readSegment({ ...range, after: target.after })) {
      if (event.kind === 'torn') {
        tally.tornBytes += event.to - event.from;
        segment.end = event.from;
        await handle.truncate(event.from);
      } else if (event.kind === 'damage') {
        await tolerate(options.log, keepDamage(options.quarantine, { file: handle, segment }, event));
      } else {
        segment.lastPosition = event.group.position;
        if (event.group.position <= target.flushed) {
          segment.flushedTo = event.to;
        } else {
          tally.requests++;
          tally.frames += event.group.frames.length;
          tally.rows += event.group.rows;
          tally.bytes += event.to - event.from;
          tally.oldestWrittenAt ??= event.group.writtenAt;
        }
      }
    }
    // What a killed process wrote may be only in the page cache; from here on it counts as acknowledged.
    if (seal === null) await handle.sync();
    return segment;
  } finally {
    await handle.close();
  }
}

/** Puts a damaged stretch of a segment aside, under a name that is the same each time it is met. */
export async function keepDamage(
  quarantine: Quarantine,
  source: { readonly file: OpenFile; readonly segment: Segment },
  damage: { readonly from: number; readonly to: number; readonly reason: 'corrupt' | 'missing' },
): Promise<void> {
  const { file, segment } = source;
  if (segment.damageKept.has(damage.from)) return;
  const name = `segment-${segment.id}-${segment.salt.toString(16)}`;
  await quarantine.keepRange(
    file,
    { name, from: damage.from, to: damage.to },
    {
      reason: damage.reason,
      message: `bytes ${damage.from} to ${damage.to} of ${segment.path} are ${damage.reason}; the requests in them are lost unless the copy can be repaired`,
      facts: { segment: segment.path, from: damage.from, to: damage.to },
    },
  );
  segment.damageKept.add(damage.from);
}

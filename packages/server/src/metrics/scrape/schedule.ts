/**
 * When a target is scraped: every interval, at an offset that is the target's own and the same after a restart, so that
 * targets spread over the interval and timestamps stay regular. Offsets are whole seconds, so that those of a second share
 * one wake-up and one commit. Slots run on the monotonic clock; the wall clock only names them.
 */
export interface Schedule {
  readonly intervalMs: number;
  /** Monotonic time of slot 0. */
  readonly monotonicStart: number;
  /** Wall time of slot 0; moves when the wall clock does. */
  readonly wallStart: number;
}

const TICK_MS = 1000;

/** The first slot: the next wall time that is `hash`, in whole seconds, modulo the interval. */
export function createSchedule(
  intervalMs: number,
  hash: number,
  now: { readonly wall: number; readonly monotonic: number },
): Schedule {
  const own = hash % intervalMs;
  const offset = own - (own % TICK_MS);
  const sinceOffset = (((now.wall - offset) % intervalMs) + intervalMs) % intervalMs;
  const delay = sinceOffset === 0 ? 0 : intervalMs - sinceOffset;
  return { intervalMs, monotonicStart: now.monotonic + delay, wallStart: now.wall + delay };
}

/** The first slot that is due strictly after a monotonic time; slots missed meanwhile are skipped. */
export function nextSlot(schedule: Schedule, monotonic: number): number {
  return Math.max(0, Math.floor((monotonic - schedule.monotonicStart) / schedule.intervalMs) + 1);
}

export function slotMonotonic(schedule: Schedule, slot: number): number {
  return schedule.monotonicStart + slot * schedule.intervalMs;
}

/**
 * A scrape this late still gets the slot's exact time, so that samples of a target stay evenly spaced; at short intervals, late
 * by so much of one: the last targets of a second wait for the first ones (pacer.ts), and times that differ cost room and work.
 */
const ALIGN_MS = 100;
const ALIGN_SHARE = 0.05;

export interface SlotTime {
  /** The timestamp for the slot's samples. */
  readonly timestamp: number;
  readonly schedule: Schedule;
}

/**
 * The timestamp of a slot that runs now. A wall clock that jumped (either way) moves the schedule's wall times; the slots
 * themselves keep coming.
 */
export function slotTime(
  schedule: Schedule,
  slot: number,
  now: { readonly wall: number; readonly monotonic: number },
): SlotTime {
  const tolerance = Math.min(ALIGN_MS, schedule.intervalMs * ALIGN_SHARE);
  const late = now.monotonic - slotMonotonic(schedule, slot);
  const ideal = schedule.wallStart + slot * schedule.intervalMs;
  const drift = now.wall - late - ideal;
  if (Math.abs(drift) <= tolerance) {
    return { timestamp: Math.round(late <= tolerance ? ideal : now.wall), schedule };
  }
  const moved = { ...schedule, wallStart: schedule.wallStart + drift };
  return { timestamp: Math.round(late <= tolerance ? ideal + drift : now.wall), schedule: moved };
}

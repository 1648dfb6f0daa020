import type { Trace } from './trace.ts';

/**
 * A trace as a flame graph: spans with the same chain of services and operations are one frame, as wide as the time in which they and
 * all below them worked. Frames stand depth first; a parent is as wide as its own time and its children together.
 */
export interface Flame {
  readonly count: number;
  /** -1 for a frame at the bottom. */
  readonly parent: Int32Array;
  readonly depth: Uint32Array;
  /** Places among the trace's services and operations. */
  readonly service: Uint32Array;
  readonly operation: Uint32Array;
  readonly spans: Uint32Array;
  readonly failed: Uint32Array;
  /** Nanoseconds: where it begins, how wide it is, and what of that is its own. */
  readonly left: Float64Array;
  readonly width: Float64Array;
  readonly own: Float64Array;
  /** The row of its longest span. */
  readonly longest: Uint32Array;
  readonly total: number;
  readonly depths: number;
}

/** A chain that repeats itself for ever goes no deeper than this; what is below counts here. */
const MOST_DEPTH = 200;

interface Frame {
  readonly parent: number;
  readonly depth: number;
  readonly row: number;
  readonly children: number[];
  own: number;
  width: number;
  spans: number;
  failed: number;
  longest: number;
}

export type Direction = 'up' | 'down' | 'left' | 'right';

/** The frame beside another: its parent, its widest child, or the nearest of its depth on a side; -1 for none. */
export function neighbourOf({ count, parent, depth }: Flame, frame: number, direction: Direction): number {
  switch (direction) {
    case 'up':
      return parent[frame] ?? -1;
    case 'down':
      // Depth first with the widest first, so the widest child stands right behind.
      return frame + 1 < count && parent[frame + 1] === frame ? frame + 1 : -1;
    case 'left':
    case 'right': {
      const by = direction === 'right' ? 1 : -1;
      for (let at = frame + by; at >= 0 && at < count; at += by) if (depth[at] === depth[frame]) return at;
      return -1;
    }
  }
}

/** Merges rows into frames; a frame's number is above its parent's. */
function mergedFrames(trace: Trace, own: Float64Array): readonly Frame[] {
  const frames: Frame[] = [];
  const byKey = new Map<number, Map<number, number>>();
  const ofRow = new Int32Array(trace.loaded);
  for (let row = 0; row < trace.loaded; row++) {
    const above = trace.parent[row] < 0 ? -1 : ofRow[trace.parent[row]];
    const aboveFrame = frames[above];
    let at = aboveFrame !== undefined && aboveFrame.depth >= MOST_DEPTH ? above : -1;
    if (at === -1) {
      let siblings = byKey.get(above);
      if (siblings === undefined) byKey.set(above, (siblings = new Map<number, number>()));
      const key = trace.service[row] * trace.operations.length + trace.operation[row];
      const known = siblings.get(key);
      at = known ?? frames.length;
      if (known === undefined) {
        siblings.set(key, at);
        aboveFrame?.children.push(at);
        const depth = aboveFrame === undefined ? 0 : aboveFrame.depth + 1;
        frames.push({
          parent: above,
          depth,
          row,
          children: [],
          own: 0,
          width: 0,
          spans: 0,
          failed: 0,
          longest: row,
        });
      }
    }
    ofRow[row] = at;
    const frame = frames[at];
    if (frame === undefined) continue;
    frame.own += own[row];
    frame.spans++;
    frame.failed += trace.failed[row];
    if (trace.length[row] > trace.length[frame.longest]) frame.longest = row;
  }
  for (const frame of frames.toReversed()) {
    frame.width += frame.own;
    const above = frames[frame.parent];
    if (above !== undefined) above.width += frame.width;
  }
  return frames;
}

/** The frames of a trace, siblings with the widest first. */
export function flameOf(trace: Trace, own: Float64Array): Flame {
  const frames = mergedFrames(trace, own);
  const count = frames.length;
  const flame = {
    parent: new Int32Array(count),
    depth: new Uint32Array(count),
    service: new Uint32Array(count),
    operation: new Uint32Array(count),
    spans: new Uint32Array(count),
    failed: new Uint32Array(count),
    left: new Float64Array(count),
    width: new Float64Array(count),
    own: new Float64Array(count),
    longest: new Uint32Array(count),
  };
  const widest = (a: number, b: number): number => (frames[a]?.width ?? 0) - (frames[b]?.width ?? 0);
  const roots = frames.flatMap((frame, index) => (frame.parent < 0 ? [index] : []));
  /** Frames to be placed, the next last, each with the place of its parent. */
  const stack = roots.toSorted(widest).map((frame) => ({ frame, parent: -1 }));
  /** Where the next child of a place begins. */
  const next = new Float64Array(count);
  let bottom = 0;
  let place = 0;
  let depths = 0;
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const frame = frames[item.frame];
    if (frame === undefined) continue;
    const left = item.parent < 0 ? bottom : next[item.parent];
    if (item.parent < 0) bottom += frame.width;
    else next[item.parent] += frame.width;
    flame.parent[place] = item.parent;
    flame.depth[place] = frame.depth;
    flame.service[place] = trace.service[frame.row];
    flame.operation[place] = trace.operation[frame.row];
    flame.spans[place] = frame.spans;
    flame.failed[place] = frame.failed;
    flame.left[place] = left;
    flame.width[place] = frame.width;
    flame.own[place] = frame.own;
    flame.longest[place] = frame.longest;
    next[place] = left;
    depths = Math.max(depths, frame.depth + 1);
    const parent = place++;
    for (const child of frame.children.toSorted(widest)) stack.push({ frame: child, parent });
  }
  return { count, ...flame, total: bottom, depths };
}

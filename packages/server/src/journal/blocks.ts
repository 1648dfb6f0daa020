import type { CutFrame } from './types.ts';

/** Frames that make one INSERT: one table, one column list, one day, within the limits. */
export interface FrameBlock {
  readonly table: string;
  readonly schemaVersion: number;
  readonly day: number;
  readonly frames: readonly CutFrame[];
  readonly rows: number;
}

export interface BlockLimits {
  readonly rows: number;
  readonly bytes: number;
}

interface Open {
  frames: CutFrame[];
  rows: number;
  bytes: number;
}

/** Sorts the frames of a cut into blocks; frames of a block keep their order. A frame beyond the limits stands alone. */
export function groupBlocks(frames: readonly CutFrame[], limits: BlockLimits): FrameBlock[] {
  const open = new Map<string, Open>();
  const all: Open[] = [];
  for (const frame of frames) {
    const key = JSON.stringify([frame.table, frame.schemaVersion, frame.day]);
    let block = open.get(key);
    const fits =
      block !== undefined &&
      block.rows + frame.rows <= limits.rows &&
      block.bytes + frame.payload.length <= limits.bytes;
    if (block === undefined || !fits) {
      block = { frames: [], rows: 0, bytes: 0 };
      open.set(key, block);
      all.push(block);
    }
    block.frames.push(frame);
    block.rows += frame.rows;
    block.bytes += frame.payload.length;
  }
  return all.flatMap(({ frames: members }) => blockOf(members) ?? []);
}

/** Two blocks with half of the frames each, or null when there is only one frame. */
export function halve(block: FrameBlock): readonly [FrameBlock, FrameBlock] | null {
  const middle = block.frames.length >> 1;
  const left = blockOf(block.frames.slice(0, middle));
  const right = blockOf(block.frames.slice(middle));
  return left === null || right === null ? null : [left, right];
}

function blockOf(frames: readonly CutFrame[]): FrameBlock | null {
  const first = frames[0];
  if (first === undefined) return null;
  const rows = frames.reduce((sum, frame) => sum + frame.rows, 0);
  return { table: first.table, schemaVersion: first.schemaVersion, day: first.day, frames, rows };
}

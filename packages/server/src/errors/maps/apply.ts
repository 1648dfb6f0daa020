import { originalPositionFor, sourceContentFor, type TraceMap } from '@jridgewell/trace-mapping';
import type { ErrorEvent, ErrorFrame } from '../event.ts';
import { isInApp, isMinified } from '../grouping/places.ts';
import { clip, KEPT } from '../limits.ts';

/** Lines of source before and after. */
const AROUND = 5;

/** Where a frame was before it was compiled. */
interface Original {
  readonly source: string;
  readonly line: number;
  readonly column: number;
  /** What the source calls what stands there: in a call, the function that is called. */
  readonly name: string;
  readonly map: TraceMap;
}

/** The event with the frames that have a map as their sources have them; those that have been mapped already stay. */
export function withSources(event: ErrorEvent, maps: ReadonlyMap<string, TraceMap>): ErrorEvent {
  if (maps.size === 0) return event;
  return {
    ...event,
    exceptions: event.exceptions.map((thrown) => {
      const originals = thrown.frames.map((frame) => originalOf(frame, maps));
      return {
        ...thrown,
        frames: thrown.frames.map((frame, i) => {
          const original = originals[i];
          // The caller's position names the function that was called.
          return original == null ? frame : mappedFrame(frame, original, originals[i + 1]?.name ?? '');
        }),
      };
    }),
  };
}

function originalOf(frame: ErrorFrame, maps: ReadonlyMap<string, TraceMap>): Original | null {
  const map = maps.get(frame.file);
  if (map === undefined || frame.line < 1 || frame.generated !== undefined) return null;
  const { source, line, column, name } = originalPositionFor(map, {
    line: frame.line,
    column: Math.max(0, frame.column - 1),
  });
  // What mappings point to need not be there, whatever the types say.
  const known = typeof source === 'string' && typeof line === 'number' && line >= 1;
  return known ? { source, line, column: (column ?? 0) + 1, name: name ?? '', map } : null;
}

function mappedFrame(frame: ErrorFrame, { source, line, column, map }: Original, called: string): ErrorFrame {
  const { function: name, file } = frame;
  const original = isMinified(frame) ? called : name;
  const content = sourceContentFor(map, source);
  return {
    function: clip(original, KEPT.name),
    file: clip(source, KEPT.text),
    line,
    column,
    inApp: frame.inApp && isInApp(source, original),
    ...(typeof content === 'string' && {
      context: {
        pre: linesOf(content, line - AROUND, line - 1),
        line: linesOf(content, line, line)[0] ?? '',
        post: linesOf(content, line + 1, line + AROUND),
      },
    }),
    generated: { function: name, file, line: frame.line, column: frame.column },
  };
}

/** The lines of a text from one to another (from 1, both inclusive); the rest of it, which may be megabytes, is not cut up. */
function linesOf(content: string, from: number, to: number): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let line = 1; line <= to && start >= 0; line++) {
    const end = content.indexOf('\n', start);
    if (line >= from)
      lines.push(
        clip(
          content.slice(start, end < 0 ? undefined : Math.min(end, start + 2 * KEPT.sourceLine)),
          KEPT.sourceLine,
        ),
      );
    start = end < 0 ? -1 : end + 1;
  }
  return lines;
}

import type { Frame, FrameReading } from './frame.ts';
import type { Matrix } from './matrix.ts';
import type { Vector } from './vector.ts';

/** How an answer is to be read: all series of a range, the rows of an instant, or the largest series as a panel's frame. */
type Reading =
  /** Series are called by the selector that finds them, or by their endpoint where they have one. */
  | { readonly kind: 'matrix'; readonly naming: 'selector' | 'endpoint' }
  | { readonly kind: 'vector' }
  | ({ readonly kind: 'frame' } & FrameReading);

export interface QueryRequest {
  readonly id: number;
  readonly url: string;
  /** Epoch seconds. */
  readonly start: number;
  readonly end: number;
  /** Seconds; 0 asks for one instant. */
  readonly step: number;
  readonly read: Reading;
}

/** What came beside the result, and what it cost. */
export interface AnswerFacts {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** The server's own account (`stats=all`), as it came; null when it gave none. */
  readonly stats: unknown;
  /** Characters of the answer. */
  readonly size: number;
  /** From the request to the last byte, and from there to the columns; ms. */
  readonly fetchMs: number;
  readonly parseMs: number;
}

/** An answer that was read; by kind, so that a caller gets what it asked for. */
export interface Answers {
  readonly matrix: Matrix;
  readonly vector: Vector;
  readonly frame: Frame;
}

export type QueryReply =
  | { readonly id: number; readonly kind: 'matrix'; readonly answer: Matrix; readonly facts: AnswerFacts }
  | { readonly id: number; readonly kind: 'vector'; readonly answer: Vector; readonly facts: AnswerFacts }
  | { readonly id: number; readonly kind: 'frame'; readonly answer: Frame; readonly facts: AnswerFacts }
  | { readonly id: number; readonly kind: 'failed'; readonly status: number; readonly message: string };

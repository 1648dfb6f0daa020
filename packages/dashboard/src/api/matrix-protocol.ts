import type { Matrix } from './matrix.ts';
import type { Vector } from './vector.ts';

export interface MatrixRequest {
  readonly id: number;
  readonly url: string;
  readonly start: number;
  readonly end: number;
  /** Seconds; 0 asks for one instant. */
  readonly step: number;
  /** How series are called: as a selector that finds them, or as an endpoint where they have one. */
  readonly naming: 'selector' | 'endpoint';
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

export type MatrixReply =
  | { readonly id: number; readonly kind: 'matrix'; readonly matrix: Matrix; readonly facts: AnswerFacts }
  | { readonly id: number; readonly kind: 'vector'; readonly vector: Vector; readonly facts: AnswerFacts }
  | { readonly id: number; readonly kind: 'failed'; readonly status: number; readonly message: string };

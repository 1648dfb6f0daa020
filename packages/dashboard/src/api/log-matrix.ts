import { z } from 'zod';
import { request } from './client.ts';
import { type Matrix, parseMatrix, selectorName } from './matrix.ts';

const RANGE = 'loki/api/v1/query_range';

interface LogRange {
  readonly query: string;
  /** Epoch seconds; `end` included when it falls on the grid. */
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** A LogQL query that counts, over a range. */
export async function askLogRange({ query, ...grid }: LogRange, signal: AbortSignal): Promise<Matrix> {
  const { start, end, step } = grid;
  const params = { query, start: String(start), end: String(end), step: String(step) };
  const matrix = parseMatrix(await request(RANGE, z.unknown(), { signal, params }), grid, selectorName);
  if (matrix === null) throw new Error('The answer is not a matrix.');
  return matrix;
}

/** Key sequences such as `g o`: a pure step from what was typed to what to do. */
export const SEQUENCE_MS = 1200;

export interface Sequence {
  readonly typed: readonly string[];
  readonly at: number;
}
export const NO_SEQUENCE: Sequence = { typed: [], at: 0 };

export interface SequenceStep {
  readonly next: Sequence;
  /** The sequence that is now complete, or null. */
  readonly run: string | null;
}

/** `known` are the sequences that mean something, keys parted by a space. */
export function sequenceStep(
  state: Sequence,
  key: string,
  now: number,
  known: readonly string[],
): SequenceStep {
  const before = now - state.at <= SEQUENCE_MS ? state.typed : [];
  for (const typed of [[...before, key], [key]]) {
    const text = typed.join(' ');
    if (known.includes(text)) return { next: NO_SEQUENCE, run: text };
    if (known.some((sequence) => sequence.startsWith(`${text} `)))
      return { next: { typed, at: now }, run: null };
  }
  return { next: NO_SEQUENCE, run: null };
}

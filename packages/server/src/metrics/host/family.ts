/** One metric family of the host, with its samples of now. */
export interface HostFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'unknown';
  readonly help: string;
  readonly samples: readonly HostSample[];
}

export interface HostSample {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
}

/** A family with one sample without labels. */
export function single(name: string, type: HostFamily['type'], help: string, value: number): HostFamily {
  return { name, type, help, samples: [{ labels: [], value }] };
}

/**
 * Reads one group of families out of /proc texts: pure, given the files' contents by path (those that could be read). Text
 * that does not look as expected yields no samples, never an error: kernels differ.
 */
export interface HostCollector {
  readonly files: readonly string[];
  collect(files: ReadonlyMap<string, string>): HostFamily[];
}

/** The lines of a file, or none when it could not be read. */
export function linesOf(files: ReadonlyMap<string, string>, path: string): string[] {
  return (files.get(path) ?? '').split('\n').filter((line) => line !== '');
}

/** The number a word means, or null: only plain decimal digits count. */
export function numberOf(word: string | undefined): number | null {
  return word !== undefined && /^-?\d+(?:\.\d+)?$/.test(word) ? Number(word) : null;
}

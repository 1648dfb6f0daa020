import { type Matrix, rowOf } from '../../api/matrix.ts';

/** A time in which an alert was pending or fired. Epoch ms. */
export interface AlertSpan {
  readonly state: 'pending' | 'firing';
  readonly from: number;
  readonly to: number;
}

const STATE = /\balertstate="(pending|firing)"/;

/** The spans of series `ALERTS`, the oldest first; each point stands for the step that begins with it. */
export function spansOf(matrix: Matrix): readonly AlertSpan[] {
  const { times, names } = matrix;
  const step = times.length < 2 ? 0 : (times[1] ?? 0) - (times[0] ?? 0);
  const spans = names.flatMap((name, index) => {
    const state = STATE.exec(name)?.[1];
    if (state !== 'pending' && state !== 'firing') return [];
    const found: { state: AlertSpan['state']; from: number; to: number }[] = [];
    for (const [place, value] of rowOf(matrix, index).entries()) {
      if (Number.isNaN(value)) continue;
      const from = (times[place] ?? 0) * 1000;
      const last = found.at(-1);
      const to = from + step * 1000;
      if (last !== undefined && last.to >= from) last.to = to;
      else found.push({ state, from, to });
    }
    return found;
  });
  return spans.toSorted((a, b) => a.from - b.from || (a.state === 'pending' ? -1 : 1));
}

/** Labels behind a series' name, as `selectorName` writes them. */
function labelsOf(series: string): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const [, name = '', value = ''] of series.matchAll(/([\w.:]+)=("(?:[^"\\]|\\.)*")/g)) {
    const text: unknown = JSON.parse(value);
    if (typeof text === 'string') labels.set(name, text);
  }
  return labels;
}

/** Rows of a matrix that an alert may be about: no label of theirs says something else than the alert's. All of them where that leaves none. */
export function rowsAbout(
  names: readonly string[],
  alert: Readonly<Record<string, string>>,
): readonly number[] {
  const all = names.map((_, index) => index);
  const own = all.filter((index) =>
    [...labelsOf(names[index] ?? '')].every(
      ([name, value]) => alert[name] === undefined || alert[name] === value,
    ),
  );
  return own.length === 0 ? all : own;
}

/** What differs between two dashboards, as lines a person can read. */
export interface Difference {
  readonly kind: 'added' | 'removed' | 'changed';
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

const MAX_DIFFERENCES = 300;
const MAX_TEXT = 300;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function words(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

/** How an entry of a list is called, so that a panel that moved is not "changed" in every place. */
function nameOf(entry: unknown, index: number): string {
  if (!isRecord(entry)) return String(index);
  const { id, name, ref, title } = entry;
  const called = [name, ref, title].find((one) => typeof one === 'string' && one !== '');
  if (typeof id === 'number') return `${typeof called === 'string' ? called : 'without a title'} (${id})`;
  return typeof called === 'string' ? called : String(index);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function byName(list: readonly unknown[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    list.map((entry, index) => [
      isRecord(entry) && typeof entry['id'] === 'number' ? `#${entry['id']}` : nameOf(entry, index),
      entry,
    ]),
  );
}

export function differences(before: unknown, after: unknown): readonly Difference[] {
  const found: Difference[] = [];
  const compare = (path: string, left: unknown, right: unknown): void => {
    if (found.length >= MAX_DIFFERENCES || JSON.stringify(left) === JSON.stringify(right)) return;
    if (left === undefined) found.push({ kind: 'added', path, before: '', after: words(right) });
    else if (right === undefined) found.push({ kind: 'removed', path, before: words(left), after: '' });
    else if (isList(left) && isList(right) && [...left, ...right].some(isRecord))
      members(path, byName(left), byName(right), right);
    else if (isRecord(left) && isRecord(right)) members(path, left, right, []);
    else found.push({ kind: 'changed', path, before: words(left), after: words(right) });
  };
  const members = (
    path: string,
    left: Readonly<Record<string, unknown>>,
    right: Readonly<Record<string, unknown>>,
    list: readonly unknown[],
  ): void => {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      const entry = right[key] ?? left[key];
      const shown = key.startsWith('#') || list.length > 0 ? nameOf(entry, 0) : key;
      compare(path === '' ? shown : `${path} › ${shown}`, left[key], right[key]);
    }
  };
  compare('', before, after);
  return found;
}

import { RE2JS } from 're2js';

/** A user's pattern, fully anchored, `.` matching newlines, on a linear-time engine, as in Prometheus 3. */
export interface AnchoredRegex {
  readonly source: string;
  matches(text: string): boolean;
  /** The groups of a full match (index 0 is the whole text), or null. */
  groups(text: string): MatchGroups | null;
}

export interface MatchGroups {
  byIndex(index: number): string;
  byName(name: string): string;
}

/** Compiles `^(?s:source)$`; null when the pattern is not valid RE2. */
export function compileAnchored(source: string): AnchoredRegex | null {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(`^(?s:${source})$`);
  } catch {
    return null;
  }
  const names = compiled.namedGroups();
  return {
    source,
    matches: (text) => compiled.matches(text),
    groups: (text) => {
      const matcher = compiled.matcher(text);
      if (!matcher.matches()) return null;
      const count = matcher.groupCount();
      return {
        byIndex: (index) => (index <= count ? (matcher.group(index) ?? '') : ''),
        byName: (name) => (Object.hasOwn(names, name) ? (matcher.group(name) ?? '') : ''),
      };
    },
  };
}

const VARIABLE = /\$(?:\$|\{(\w+)\}|(\w+))/g;

/** Go's `Regexp.Expand`: `$1`, `${1}`, `$name`, `$$`; an unknown group is empty; any other `$` stands for itself. */
export function expandTemplate(template: string, groups: MatchGroups): string {
  return template.replace(VARIABLE, (whole, braced: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare;
    if (name === undefined) return whole === '$$' ? '$' : whole;
    return /^\d+$/.test(name) ? groups.byIndex(Number(name)) : groups.byName(name);
  });
}

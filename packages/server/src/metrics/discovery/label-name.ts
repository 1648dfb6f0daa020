/** A foreign name as part of a meta label's name: what a classic label name does not allow becomes `_`. */
export function labelName(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/g, '_');
}

/**
 * A replacement text as Go's regexp expands it: `$1`, `${1}`, `$name`, `${name}`, `$$` for a dollar. A name goes
 * as far as letters, digits and `_` go; what is no reference stands as it is.
 */
export function expandTemplate(template: string, groupOf: (name: string) => string): string {
  return template.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    if (whole === '$$') return '$';
    return groupOf(braced ?? bare ?? '');
  });
}

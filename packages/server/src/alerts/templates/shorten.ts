/** A text of at most so many characters as Unicode counts them; where it was longer, `…` is the last of them. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const chars = Array.from(text);
  return chars.length <= most ? text : `${chars.slice(0, most - 1).join('')}…`;
}

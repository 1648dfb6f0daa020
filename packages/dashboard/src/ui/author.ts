/** Who acted last in this browser, where no login says who it is. */
const KEY = 'pharos.silence.author';

/** Empty when nobody has. */
export function rememberedAuthor(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

/** Remembers who acts; a browser that keeps nothing asks again. */
export function rememberAuthor(name: string): void {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // Asked again.
  }
}

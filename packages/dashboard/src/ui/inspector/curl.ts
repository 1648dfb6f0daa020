/** One word of a POSIX shell: nothing inside single quotes means anything, except the quote itself. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The same request on a command line; the reader adds credentials where the server asks for them. */
export function curlOf(url: string, params: Readonly<Record<string, string>>): string {
  const data = Object.entries(params).map(
    ([name, value]) => `  --data-urlencode ${shellWord(`${name}=${value}`)}`,
  );
  return [`curl -s -G ${shellWord(url)}`, ...data].join(' \\\n');
}

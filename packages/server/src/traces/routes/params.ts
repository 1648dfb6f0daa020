/** Parameters as they came: a text, or several under one name. */
export type RawQuery = Readonly<Record<string, unknown>>;

/** The first of a parameter; absent when empty. */
export function one(raw: RawQuery, name: string): string | undefined {
  return many(raw, name)[0];
}

/** All of a parameter that are not empty. */
export function many(raw: RawQuery, name: string): string[] {
  const value = raw[name];
  return [value].flat().filter((text): text is string => typeof text === 'string' && text !== '');
}

/** A field of a body, which is not there when it is empty. */
export function given(name: string, value: string): Readonly<Record<string, string>> {
  return value === '' ? {} : { [name]: value };
}

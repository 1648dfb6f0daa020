/** A bundle in ASCII alone; throws where an escape would not mean the same. */
export function asciiSource(name: string, source: string): string;

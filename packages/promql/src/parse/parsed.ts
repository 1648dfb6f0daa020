import type { Expr } from './ast.ts';
import { parseExpr } from './parser.ts';

type ParseOptions = Parameters<typeof parseExpr>[1];

/** Longer texts are rare and would hold memory for nothing. */
const LONGEST = 4096;
const MOST = 128;

/** Texts that were parsed lately with what they say: whoever asks the same every second has it parsed once. */
export class ParsedTexts {
  readonly #options: ParseOptions;
  /** The one used last is the last. */
  readonly #known = new Map<string, Expr>();

  constructor(options: ParseOptions) {
    this.#options = options;
  }

  /** Throws as the parser does. */
  parse(text: string): Expr {
    const known = this.#known.get(text);
    if (known !== undefined) this.#known.delete(text);
    const expr = known ?? parseExpr(text, this.#options);
    if (text.length > LONGEST) return expr;
    this.#known.set(text, expr);
    if (this.#known.size > MOST)
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    return expr;
  }
}

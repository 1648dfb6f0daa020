import { TemplateError } from './template-error.ts';

export interface TemplateLimits {
  /** Nodes and calls. */
  readonly steps: number;
  /** Characters of output, intermediate texts included. */
  readonly chars: number;
  /** Characters that functions are given to read: the same long text may be given again and again. */
  readonly reads: number;
  /** Templates within templates. */
  readonly depth: number;
}

/** More than any template of a query needs. */
const DEFAULT_LIMITS: TemplateLimits = {
  steps: 20_000,
  chars: 1_048_576,
  reads: 16 * 1_048_576,
  depth: 100,
};

/** What one execution of a template may still use. All of it is counted work, so that it bounds the time too. */
export class TemplateBudget {
  readonly #limits: TemplateLimits;
  #steps = 0;
  #chars = 0;
  #read = 0;
  #depth = 0;

  constructor(limits: Partial<TemplateLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  step(): void {
    const { steps } = this.#limits;
    if (++this.#steps > steps) throw new TemplateError(`template exceeded ${steps} steps`);
  }

  /** Called before a text of so many characters is made. */
  chars(count: number): void {
    const { chars } = this.#limits;
    this.#chars += count;
    if (this.#chars > chars) throw new TemplateError(`template exceeded ${chars} characters`);
  }

  /** Called before a function reads a text of so many characters. */
  reads(count: number): void {
    const { reads } = this.#limits;
    this.#read += count;
    if (this.#read > reads) throw new TemplateError(`template read more than ${reads} characters`);
  }

  /** Runs a template that another one names. */
  nested<T>(run: () => T): T {
    const { depth } = this.#limits;
    if (this.#depth >= depth) throw new TemplateError(`exceeded maximum template depth (${depth})`);
    this.#depth++;
    try {
      return run();
    } finally {
      this.#depth--;
    }
  }
}

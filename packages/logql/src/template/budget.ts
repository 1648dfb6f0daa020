import { TemplateError } from './template-error.ts';

/** Nodes and calls of one execution: more than any template of a query needs. */
const MAX_STEPS = 20_000;
/** Characters of one execution, intermediate texts included. */
const MAX_CHARS = 1_048_576;

/** Characters that functions of one execution are given to read: the same long line may be given again and again. */
const MAX_READ = 16 * 1_048_576;

/** What one execution of a template may still use. */
export class TemplateBudget {
  #steps = 0;
  #chars = 0;
  #read = 0;

  step(): void {
    if (++this.#steps > MAX_STEPS) throw new TemplateError(`template exceeded ${MAX_STEPS} steps`);
  }

  /** Called before a text of so many characters is made. */
  chars(count: number): void {
    this.#chars += count;
    if (this.#chars > MAX_CHARS) throw new TemplateError(`template exceeded ${MAX_CHARS} characters`);
  }

  /** Called before a function reads a text of so many characters. */
  reads(count: number): void {
    this.#read += count;
    if (this.#read > MAX_READ) throw new TemplateError(`template read more than ${MAX_READ} characters`);
  }
}

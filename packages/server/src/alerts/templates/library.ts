import {
  type Read,
  type TemplateBudget,
  TemplateSet,
  TemplateSyntaxError,
  type Value,
} from '@pharos/gotemplate';
import { DEFAULT_TEMPLATES } from './default-templates.ts';
import type { NotificationContext } from './functions.ts';
import { NOTIFICATION_FUNCTIONS } from './functions.ts';
import { renderHtml } from './html.ts';

/** A file of templates, by the name it has in messages. */
export interface TemplateFile {
  readonly name: string;
  readonly text: string;
}

/** What one text is made of. */
export interface TemplateRun {
  readonly data: Value;
  readonly now: number;
  readonly budget: TemplateBudget;
  /** Whether it is HTML: what values show is escaped. */
  readonly isHtml: boolean;
}

export type CompiledLibrary =
  | { readonly ok: true; readonly library: TemplateLibrary }
  | {
      readonly ok: false;
      /** By the file's place among those given. */
      readonly problems: readonly { readonly file: number; readonly message: string }[];
    };

/** Named templates: those that come with Pharos, and those of the user's files, which may define them anew. */
export class TemplateLibrary {
  readonly #set: TemplateSet<NotificationContext>;

  private constructor(set: TemplateSet<NotificationContext>) {
    this.#set = set;
  }

  static builtIn(): TemplateLibrary {
    const set = new TemplateSet(NOTIFICATION_FUNCTIONS);
    set.parse('default', DEFAULT_TEMPLATES);
    return new TemplateLibrary(set);
  }

  /** With the user's files, later ones over earlier ones. */
  withFiles(files: readonly TemplateFile[]): CompiledLibrary {
    const set = this.#set.clone();
    const problems = files.flatMap(({ name, text }, file) => {
      const message = syntaxProblem(set, name, text);
      return message === null ? [] : [{ file, message }];
    });
    return problems.length > 0 ? { ok: false, problems } : { ok: true, library: new TemplateLibrary(set) };
  }

  names(): readonly string[] {
    return this.#set.names();
  }

  /** What is wrong with a text that is to be a template; null when it is one. */
  problemOf(text: string): string | null {
    return text.includes('{{') ? syntaxProblem(this.#set.clone(), '', text) : null;
  }

  /** Executes a text. What it defines stays its own. */
  execute(text: string, { data, now, budget, isHtml }: TemplateRun): Read<string> {
    try {
      return this.#set
        .clone()
        .parse('', text)
        .execute({ data, context: { now, budget }, ...(isHtml && { render: renderHtml }) });
    } catch (error) {
      if (error instanceof TemplateSyntaxError) return { ok: false, reason: error.message };
      throw error;
    }
  }
}

let builtIn: TemplateLibrary | undefined;

/** What comes with Pharos; read when it is first needed, and the same for everybody. */
export function builtInLibrary(): TemplateLibrary {
  return (builtIn ??= TemplateLibrary.builtIn());
}

function syntaxProblem(set: TemplateSet<NotificationContext>, name: string, text: string): string | null {
  try {
    set.parse(name, text);
    return null;
  } catch (error) {
    if (error instanceof TemplateSyntaxError) return error.message;
    throw error;
  }
}

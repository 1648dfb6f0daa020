import { TemplateBudget, type TemplateLimits, type Value } from '@pharos/gotemplate';
import { type Notification, type TemplateData, templateData } from './data.ts';
import { builtInLibrary, type TemplateLibrary } from './library.ts';
import { dataValue } from './values.ts';

/** A template that must be right made no text. */
export class TemplateFailure extends Error {
  override readonly name = 'TemplateFailure';
}

/** What one text of a message may use: some 20 ms of the processor at the most. */
const LIMITS: TemplateLimits = { steps: 50_000, chars: 1_048_576, reads: 8 * 1_048_576, depth: 100 };
/** Alerts of the second try, after a template that was too much for all of them. */
const FEW_ALERTS = 50;

/**
 * The texts of one message. One that fails, loops or grows does not keep the message from anybody: it is tried again with the first alerts
 * only, then what Pharos would say stands in its place, and `notes` says so.
 */
export class MessageTexts {
  readonly notes: string[] = [];
  readonly #library: TemplateLibrary;
  readonly #notification: Notification;
  readonly #now: number;
  #data: TemplateData | undefined;
  #value: Value;

  constructor(library: TemplateLibrary, notification: Notification, now: number) {
    this.#library = library;
    this.#notification = notification;
    this.#now = now;
  }

  /** What templates see; made when it is first needed, since not every message has templates. */
  get data(): TemplateData {
    return (this.#data ??= templateData(this.#notification));
  }

  /** For what must be right or not be at all: addresses, keys, names of channels. Throws TemplateFailure. */
  exact(what: string, template: string): string {
    const read = this.#execute(template);
    if (!read.ok) throw new TemplateFailure(`its ${what}: ${read.reason}`);
    return read.value;
  }

  /** For what people read. */
  shown(what: string, template: string, fallback = ''): string {
    return this.#shown(what, template, { fallback, isHtml: false });
  }

  html(what: string, template: string, fallback: string): string {
    return this.#shown(what, template, { fallback, isHtml: true });
  }

  #shown(what: string, template: string, { fallback, isHtml }: Shown): string {
    const read = this.#execute(template, { isHtml });
    if (read.ok) return read.value;
    if (this.data.Alerts.all.length > FEW_ALERTS) {
      const few = this.#execute(template, { isHtml, mostAlerts: FEW_ALERTS });
      if (few.ok) {
        this.notes.push(`${what} tells of the first ${FEW_ALERTS} alerts only: ${read.reason}`);
        return few.value;
      }
    }
    this.notes.push(`${what} is Pharos' own: ${read.reason}`);
    const own = this.#execute(fallback, { isHtml, mostAlerts: FEW_ALERTS, library: builtInLibrary() });
    return own.ok ? own.value : '';
  }

  #execute(
    template: string,
    { isHtml = false, mostAlerts, library = this.#library }: Execution = {},
  ): ReturnType<TemplateLibrary['execute']> {
    if (!template.includes('{{')) return { ok: true, value: template };
    return library.execute(template, {
      data:
        mostAlerts === undefined ? (this.#value ??= dataValue(this.data)) : dataValue(this.data, mostAlerts),
      now: this.#now,
      budget: new TemplateBudget(LIMITS),
      isHtml,
    });
  }
}

interface Shown {
  readonly fallback: string;
  readonly isHtml: boolean;
}

interface Execution {
  readonly isHtml?: boolean;
  readonly mostAlerts?: number;
  readonly library?: TemplateLibrary;
}

import { type Advice, adviceOn } from './advice.ts';
import type { Page } from './page/page.ts';

/** What some pages came to. Spans are in ms, medians; null where there is nothing to tell. */
export interface PageFigures {
  readonly pages: number;
  /** How often somebody was told, over all pages. */
  readonly tellings: number;
  /** Pages that somebody was told of. */
  readonly told: number;
  readonly acknowledged: number;
  /** Told of, ended, and nobody had acknowledged: nobody acts on them. */
  readonly unanswered: number;
  /** Of those nobody had answered, how many went through all levels. */
  readonly exhausted: number;
  /** From the first telling to the first acknowledgement. */
  readonly toAcknowledgeMs: number | null;
  /** From the opening to the end. */
  readonly toEndMs: number | null;
}

/** The same of pages of one alert. */
interface AlertFigures extends PageFigures {
  /** `alertname` of the page's first alert. */
  readonly alert: string;
  /** What would make it worth its pages, what helps most first. */
  readonly advice: readonly Advice[];
}

interface Span {
  readonly from: number;
  readonly until: number;
}

/** Figures of pages that were opened in a span, by alert, those that told people most often first. */
export function figuresOf(pages: readonly Page[], span: Span): readonly AlertFigures[] {
  const byAlert = new Map<string, Page[]>();
  for (const page of within(pages, span)) {
    const alert = page.labels.get('alertname') ?? '';
    const of = byAlert.get(alert);
    if (of === undefined) byAlert.set(alert, [page]);
    else of.push(page);
  }
  return [...byAlert]
    .map(([alert, of]) => ({ alert, ...figures(of), advice: adviceOn(of, span.until - span.from) }))
    .sort((a, b) => b.tellings - a.tellings || b.pages - a.pages || (a.alert < b.alert ? -1 : 1));
}

/** The same of all pages together. */
export function totalOf(pages: readonly Page[], span: Span): PageFigures {
  return figures(within(pages, span));
}

function within(pages: readonly Page[], { from, until }: Span): readonly Page[] {
  return pages.filter(({ openedAt }) => openedAt >= from && openedAt < until);
}

function figures(pages: readonly Page[]): PageFigures {
  const told = pages.filter(({ tellings }) => tellings > 0);
  const isOver = ({ phase }: Page): boolean => phase.kind === 'ended';
  const unanswered = told.filter((page) => isOver(page) && firstOf(page, 'acknowledged') === null);
  return {
    pages: pages.length,
    tellings: pages.reduce((sum, { tellings }) => sum + tellings, 0),
    told: told.length,
    acknowledged: pages.filter((page) => firstOf(page, 'acknowledged') !== null).length,
    unanswered: unanswered.length,
    exhausted: unanswered.filter((page) => firstOf(page, 'exhausted') !== null).length,
    toAcknowledgeMs: median(
      pages.flatMap((page) => {
        const [asked, answered] = [firstOf(page, 'told'), firstOf(page, 'acknowledged')];
        return asked === null || answered === null ? [] : [Math.max(0, answered - asked)];
      }),
    ),
    toEndMs: median(
      pages.flatMap(({ phase, openedAt }) => (phase.kind === 'ended' ? [phase.at - openedAt] : [])),
    ),
  };
}

function firstOf({ events }: Page, what: Page['events'][number]['what']): number | null {
  return events.find((event) => event.what === what)?.at ?? null;
}

/** Of an even number the mean of the two in the middle. */
function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

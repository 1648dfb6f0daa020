import type { ScrapedTarget } from './health/index.ts';
import type { ScrapeManager, TargetSpec, TargetState } from './metrics/index.ts';

interface Told {
  readonly state: TargetState;
  readonly scraped: ScrapedTarget;
}

/** What health looks at each second: the same object for a target as long as nothing new was scraped of it. */
export class ScrapedServices {
  readonly #scraping: Pick<ScrapeManager, 'visitTargets'>;
  readonly #told = new WeakMap<TargetSpec, Told>();

  constructor(scraping: Pick<ScrapeManager, 'visitTargets'>) {
    this.#scraping = scraping;
  }

  /** Every target that is not of the job `except`; `poll` says whether they are to be asked for their health. */
  list(except: string, poll: boolean): ScrapedTarget[] {
    const found: ScrapedTarget[] = [];
    this.#scraping.visitTargets((target, state, job) => {
      if (job === except) return;
      const known = this.#told.get(target);
      if (known?.state === state) {
        found.push(known.scraped);
        return;
      }
      const { job: name, instance, label, healthUrl } = known?.scraped ?? identityOf(target, poll);
      const scraped = {
        job: name,
        instance,
        label,
        healthUrl,
        health: state.health,
        lastScrape: state.lastScrape ?? 0,
        lastError: state.lastError,
      };
      this.#told.set(target, { state, scraped });
      found.push(scraped);
    });
    return found;
  }
}

function identityOf(
  { labels, url }: TargetSpec,
  poll: boolean,
): Pick<ScrapedTarget, 'job' | 'instance' | 'label' | 'healthUrl'> {
  return {
    job: labels.get('job'),
    instance: labels.get('instance'),
    label: (name) => labels.get(name) || undefined,
    healthUrl: poll ? new URL('/health', url).href : null,
  };
}
